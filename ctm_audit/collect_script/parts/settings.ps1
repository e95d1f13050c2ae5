$MostTries = 8
$MostFailuresInARow = 20
$RowsInABlock = 25
$NoGuid = '00000000-0000-0000-0000-000000000000'
$Transient = '\b(408|429|502|503|504)\b|TooManyRequests|too many requests|throttl|ServerTooBusy|server is (too )?busy|micro delay|' +
    'service unavailable|gateway time-?out|timed out|timeout|maximum number of concurrent|connection was (forcibly )?closed|' +
    'DCOverloadedException|SuitabilityDirectoryException|ServerInMMException|ADServerSettingsChangedException|StorageTransientException'
$Utf8 = [System.Text.UTF8Encoding]::new($false)
$Root = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Folder)
$Work = Join-Path -Path $Root -ChildPath "ctm-audit-export-$Side"
$Files = Join-Path -Path $Work -ChildPath 'files'
$State = Join-Path -Path $Work -ChildPath 'state'
$RunFile = Join-Path -Path $Work -ChildPath 'run.txt'
$LogFile = Join-Path -Path $Root -ChildPath "ctm-audit-export-$Side.log"
$Hmac = $null
$OpenedGraph = $false
$OpenedExchange = $false
$Sets = @{
    People = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::OrdinalIgnoreCase)
    Scopes = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::OrdinalIgnoreCase)
}
