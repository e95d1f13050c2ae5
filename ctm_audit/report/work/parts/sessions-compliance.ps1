$Connect = 'Connect-IPPSSession'

# The tenants of the open sessions of Security & Compliance PowerShell.
function Get-SessionTenant {
    Get-ConnectionInformation | Where-Object { $_.State -eq 'Connected' -and $_.IsEopSession -eq $true } | ForEach-Object { [string] $_.TenantID }
}
