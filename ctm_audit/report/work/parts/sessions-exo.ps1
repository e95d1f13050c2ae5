$Connect = 'Connect-ExchangeOnline'

# The tenants of the open sessions of Exchange Online.
function Get-SessionTenant {
    Get-ConnectionInformation | Where-Object { $_.State -eq 'Connected' -and $_.IsEopSession -eq $false } | ForEach-Object { [string] $_.TenantID }
}
