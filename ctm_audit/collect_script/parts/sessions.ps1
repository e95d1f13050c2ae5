# --- Sessions: in the right tenant, or not at all

function Assert-Tenant {
    param([string] $What, [string] $Found)
    if ($Found -eq $TenantId) { return }
    throw "$What is signed in to the tenant '$Found', but the $Side tenant is $TenantId. Nothing was read: sign out, or use a new window."
}

function Connect-Graph {
    if ($null -eq (Get-MgContext)) {
        Connect-MgGraph -TenantId $TenantId -Scopes $Scopes -Environment $GraphEnvironment -ContextScope Process -NoWelcome -ErrorAction Stop
        $script:OpenedGraph = $true
    }
    Assert-Tenant 'Microsoft Graph' ([string] (Get-MgContext).TenantId)
}

# Only the cmdlets that read what is wanted are loaded. Without the broker of Windows the two modules get along better.
function Connect-Exchange {
    if (@(Get-ConnectionInformation).Count -eq 0) {
        $options = @{}
        if ($UserPrincipalName -ne '') { $options['UserPrincipalName'] = $UserPrincipalName }
        if ((Get-Command -Name Connect-ExchangeOnline).Parameters.ContainsKey('DisableWAM')) { $options['DisableWAM'] = $true }
        Connect-ExchangeOnline -ExchangeEnvironmentName $ExchangeEnvironment -CommandName $Cmdlets -ShowBanner:$false -ErrorAction Stop @options
        $script:OpenedExchange = $true
    }
    $sessions = @(Get-ConnectionInformation)
    if ($sessions.Count -eq 0) { throw 'There is no session of Exchange Online.' }
    foreach ($session in $sessions) { Assert-Tenant 'Exchange Online' (Get-Text $session 'TenantID') }
}

function Disconnect-Service {
    if ($OpenedExchange) { Disconnect-ExchangeOnline -Confirm:$false }
    if ($OpenedGraph) { [void] (Disconnect-MgGraph) }
}
