# --- The record of each file

function Get-StatePath {
    param([string] $File, [string] $Ending)
    Join-Path -Path $State -ChildPath "$File$Ending"
}

function Test-Finished {
    param([string] $File)
    [System.IO.File]::Exists((Get-StatePath $File '.done'))
}

function Get-Record {
    param($Table, [string] $File, [string] $Began)
    [ordered] @{
        name = $File -replace '\.json$', ''; file = $File; part = ''; command = $Table.Command; count = $null
        collected_at = $Began; error = $null; failed = [System.Collections.ArrayList]::new(); scope = Get-Scope $Table
    }
}

# What _export.json says of a file; finished files are never exported again, failed ones are.
function Save-Record {
    param($Record)
    $ending = '.done'
    if ($null -ne $Record['error'] -or $Record['failed'].Count -gt 0) { $ending = '.failed' }
    [System.IO.File]::Delete((Get-StatePath $Record['file'] '.failed'))
    [System.IO.File]::WriteAllText((Get-StatePath $Record['file'] $ending), (ConvertTo-Json -InputObject $Record -Depth 6 -Compress), $Utf8)
}

function Save-Failure {
    param($Table, [string] $File, [string] $Part, $Problem)
    $text = Get-ShortText (Get-ProblemText $Problem)
    Write-Log "${File}: FAILED: $text"
    $record = Get-Record $Table $File (Get-UtcText)
    $record['part'] = $Part
    $record['error'] = $text
    Save-Record $record
}

function Get-Scope {
    param($Table)
    if ($All -or $Table.Parts -or ($Table.KeepBy.Count -eq 0 -and $Table.From.Count -eq 0)) { return 'all' }
    'mapped'
}

# --- Tables

# One list of a cmdlet or of Graph. What is not kept in full is dropped at once, or hashed.
function Export-List {
    param($Table, [string] $File, [string] $Part, [string] $Identity)
    $began = Get-UtcText
    $seen = 0
    $others = $null
    $unknown = [System.Collections.Generic.List[string]]::new()
    $memory = [System.Collections.Generic.List[string]]::new()
    $sheet = Open-Sheet $File
    try {
        if ($null -ne $Hmac -and -not $All -and $Table.HashedFile -ne '') { $others = Open-Sheet $Table.HashedFile }
        & $Table.Read | ForEach-Object {
            $seen++
            if ($seen % 500 -eq 0) { Show-Progress "${File}: $seen objects read" }
            if (Test-Kept $_ $Table) {
                Add-Row $sheet (ConvertTo-Row $_ $Table.Properties)
                if ($Table.Remember -ne '') { $memory.Add((Get-MemoryLine $_)) }
            }
            elseif ($null -ne $others) { Add-Hash $others $Table $_ $unknown }
        }
        Complete-Sheet $sheet
        if ($null -ne $others) { Complete-Sheet $others }
    }
    finally {
        $sheet.Writer.Dispose()
        if ($null -ne $others) { $others.Writer.Dispose() }
    }
    if ($Table.Remember -ne '') { [System.IO.File]::WriteAllLines((Get-StatePath $File '.kept'), $memory, $Utf8) }
    if ($null -ne $others) {
        $record = Get-Record $Table $others.File $began
        $record['count'] = $others.Rows
        $record['scope'] = 'hashed'
        foreach ($holder in $unknown) { [void] $record['failed'].Add($holder) }
        Save-Record $record
    }
    $record = Get-Record $Table $File $began
    $record['count'] = $sheet.Rows
    $record['part'] = $Part
    Save-Record $record
    Write-Log "${File}: $($sheet.Rows) rows of $seen objects"
}

# A test move takes up to half a minute, so of many people only some are asked for. What kind of mailbox somebody has in the other
# tenant shows here in the archive alone; five times the number makes it likely that the other kinds are among them.
function Select-Sample {
    param($People)
    if ($ProbesOfAKind -eq 0) { return $People }
    $People | Where-Object { $_['ArchiveGuid'] -in @('', $NoGuid) } | Select-Object -First (5 * $ProbesOfAKind)
    $People | Where-Object { $_['ArchiveGuid'] -notin @('', $NoGuid) } | Select-Object -First (5 * $ProbesOfAKind)
}

# What one remembered object has; '' when it could be asked, else why not.
function Read-Each {
    param($Table, $Answer, [string] $Identity)
    try { Invoke-Patiently $Table.File { $Answer.Items = @(& $Table.Read) } }
    catch { return (Get-ProblemText $_) }
    ''
}

# Something of each remembered object. Who could not be asked is named in the record, so that nobody looks as if without it.
function Export-Each {
    param($Table)
    $record = Get-Record $Table $Table.File (Get-UtcText)
    $asked = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::OrdinalIgnoreCase)
    $people = @(foreach ($file in $Table.From) { Get-Memory $file })
    if ($Table.Sampled) { $people = @(Select-Sample $people) }
    $failuresInARow = 0
    $sheet = Open-Sheet $Table.File
    try {
        foreach ($person in $people) {
            $id = $person[$Table.Over]
            if ($id -in @('', $NoGuid) -or $person[$Table.Needs] -in @('', $NoGuid) -or -not $asked.Add($id)) { continue }
            Show-Progress "$($Table.File): $($asked.Count) of at most $($people.Count) objects asked for"
            $found = @{ Items = @() }
            $why = Read-Each $Table $found $id
            if ($why -eq '') { $failuresInARow = 0 } else { $failuresInARow++ }
            if ($failuresInARow -ge $MostFailuresInARow) { throw "$failuresInARow objects failed one after another; the last: $why" }
            if ($why -eq '' -and $Table.MustAnswer -and $found.Items.Count -eq 0) { $why = 'The service answered nothing.' }
            if ($why -ne '') {
                $name = $person['ExternalDirectoryObjectId']
                if ($name -eq '') { $name = $id }
                [void] $record['failed'].Add($name)
                Write-Log "$($Table.File): $name FAILED: $why"
                continue
            }
            foreach ($item in $found.Items) {
                $row = ConvertTo-Row $item $Table.Properties
                if ($Table.IdentityAs -ne '') { $row[$Table.IdentityAs] = $id }
                Add-Row $sheet $row
            }
        }
        Complete-Sheet $sheet
    }
    finally {
        $sheet.Writer.Dispose()
    }
    $record['count'] = $sheet.Rows
    Save-Record $record
    Write-Log "$($Table.File): $($sheet.Rows) rows, $($record['failed'].Count) objects failed"
}

# The groups whose members the partner tenant may move, as the organization relationship names them.
function Import-Scope {
    if ($Sets.Scopes.Count -gt 0) { return }
    $answer = @{ Items = @() }
    Invoke-Patiently 'Get-OrganizationRelationship' { $answer.Items = @(Get-OrganizationRelationship -ErrorAction Stop) }
    foreach ($relationship in $answer.Items) {
        $domains = @($relationship.DomainNames | ForEach-Object { [string] $_ })
        if ($domains -notcontains $PartnerTenantId) { continue }
        foreach ($scope in @($relationship.MailboxMovePublishedScopes)) { Add-Name $Sets.Scopes (@(([string] $scope).Split('/'))[-1].Trim()) }
    }
}

function Get-PartFile {
    param([string] $Stem, [string] $Name, [string] $Id)
    $safe = [regex]::Replace($Name, '[^A-Za-z0-9 _-]', '_')
    if ($safe -cne $Name -or $Name.Length -gt 60 -or $Name -ne $Name.Trim()) {
        $end = [regex]::Replace($Id, '[^A-Za-z0-9]', '')
        $safe = '{0}-{1}' -f $safe.Substring(0, [System.Math]::Min(40, $safe.Length)).Trim(), $end.Substring(0, [System.Math]::Min(12, $end.Length))
    }
    "$Stem.$safe.json"
}

# One file a published group; a group that cannot be read is a failed part, not an empty one.
function Export-Parts {
    param($Table)
    $stem = $Table.File -replace '\.GROUP\.json$', ''
    foreach ($old in [System.IO.Directory]::GetFiles($State, "$stem.*.failed")) { [System.IO.File]::Delete($old) }
    if ($Sets.Scopes.Count -eq 0) { throw "MailboxMovePublishedScopes names no group for the tenant $PartnerTenantId." }
    $groups = @(foreach ($file in $Table.From) { Get-Memory $file })
    foreach ($scope in @($Sets.Scopes)) {
        $names = @('Name', 'Guid', 'ExternalDirectoryObjectId', 'PrimarySmtpAddress', 'Alias')
        $found = @($groups | Where-Object { $group = $_; @($names | Where-Object { $group[$_] -eq $scope }).Count -gt 0 })
        $Identity = $scope
        $part = $scope
        if ($found.Count -gt 0) {
            $Identity = $found[0]['Guid']
            $part = $found[0]['Name']
        }
        $file = Get-PartFile $stem $part $Identity
        if (Test-Finished $file) { continue }
        try { Invoke-Patiently $file { Export-List $Table $file $part $Identity } }
        catch { Save-Failure $Table $file $part $_ }
    }
}

function Export-Table {
    param($Table)
    if (-not (Test-Finished $Table.File)) {
        Show-Progress $Table.File
        try {
            if ($Table.Among -eq 'Scopes' -or $Table.Parts) { Import-Scope }
            if ($Table.Parts) { Export-Parts $Table }
            elseif ($Table.Over -ne '') { Export-Each $Table }
            else { Invoke-Patiently $Table.File { Export-List $Table $Table.File '' '' } }
        }
        catch { Save-Failure $Table $Table.File '' $_ }
    }
    if (Test-Finished $Table.File) { Import-Memory $Table }
}
