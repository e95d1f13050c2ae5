$Connect = 'Connect-MgGraph'

# The tenant of the session of Microsoft Graph PowerShell.
function Get-SessionTenant {
    Get-MgContext | ForEach-Object { [string] $_.TenantId }
}
