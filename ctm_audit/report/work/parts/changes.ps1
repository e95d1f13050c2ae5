$Folder = $PSScriptRoot
if (-not $Folder) { $Folder = (Get-Location).ProviderPath }
$LogFile = [System.IO.Path]::Combine($Folder, $LogName)
$Utf8 = [System.Text.UTF8Encoding]::new($false)
$Done = 0
$Failed = [System.Collections.Generic.List[string]]::new()

# A line for the screen and the log. Names are somebody else's: what a terminal obeys, or nobody sees, is shown as a question mark.
function Write-Log {
    param([string] $Text)
    $line = $Text -replace '\p{C}', '?'
    Write-Host $line
    $now = [datetime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [System.Globalization.CultureInfo]::InvariantCulture)
    [System.IO.File]::AppendAllText($LogFile, "$now $line`r`n", $Utf8)
}

# Stops unless there is a session, and every one is of the tenant of these changes.
function Assert-Tenant {
    $found = @()
    try { $found = @(Get-SessionTenant | Where-Object { $_ -ne '' }) }
    catch { Write-Log $_.Exception.Message }
    if ($found.Count -eq 0) { throw "There is no session. Run $Connect as an administrator of $Tenant, then this script again. Nothing was changed." }
    foreach ($id in $found) {
        if ($id -ne $TenantId) { throw "A session is of the tenant '$id', but these changes are for $Tenant ($TenantId). Nothing was changed: use a new window." }
    }
}

# One change. It is only shown in a rehearsal; one that fails is noted, and the others go on.
function Invoke-Change {
    param([string] $Rule, [string] $Object, [scriptblock] $Change)
    $script:Done++
    Write-Progress -Activity $LogName -Status "$Done of $Total" -PercentComplete ([System.Math]::Min(100, 100 * $Done / $Total))
    if ($WhatIf) {
        Write-Log "What if: $Rule ${Object}: $(([string] $Change).Trim())"
        return
    }
    $problems = [System.Collections.Generic.List[string]]::new()
    try {
        foreach ($told in @(& $Change 2>&1 3>&1)) {
            if ($told -is [System.Management.Automation.ErrorRecord]) { $problems.Add("FAILED: $($told.Exception.Message)") }
            if ($told -is [System.Management.Automation.WarningRecord]) { Write-Log "$Rule ${Object}: warning: $told" }
        }
    }
    catch { $problems.Add("FAILED: $($_.Exception.Message)") }
    if ($problems.Count -eq 0) {
        Write-Log "$Rule ${Object}: done"
        return
    }
    $Failed.Add("$Rule ${Object}: $($problems -join '; ')")
    Write-Log $Failed[$Failed.Count - 1]
}

function Complete-Run {
    Write-Progress -Activity $LogName -Completed
    if ($WhatIf) {
        Write-Log "$Done of $Total changes shown, none made. Set `$WhatIf to `$false at the top of the script to make them."
        return
    }
    Write-Log "$Done of $Total changes tried, $($Done - $Failed.Count) made, $($Failed.Count) failed. The log is $LogFile"
    foreach ($line in $Failed) { Write-Log "  $line" }
    if ($Done -lt $Total) { Write-Log 'The script was stopped before its end. Run it again: a change that is made already does no harm.' }
    Write-Log 'Export this tenant again, so that the next audit sees what has changed.'
}

Assert-Tenant
Write-Log "$Total changes in $Tenant ($TenantId), rehearsal: $([bool] $WhatIf)"

# --- The changes, one object a line

