# --- Whose data: the people of the mapping, and what their objects are called elsewhere

function Add-Name {
    param($Set, [string] $Name)
    if ($Name -ne '' -and $Name -ne $NoGuid) { [void] $Set.Add($Name) }
}

function Test-Kept {
    param($Item, $Table)
    if ($All -or $Table.KeepBy.Count -eq 0) { return $true }
    foreach ($name in $Table.KeepBy) {
        if ($Sets[$Table.Among].Contains((Get-Text $Item $name))) { return $true }
    }
    $false
}

# Kept objects are remembered by these properties, one line an object.
$Remembered = @('ExternalDirectoryObjectId', 'ExchangeGuid', 'ArchiveGuid', 'UserPrincipalName', 'PrimarySmtpAddress', 'Guid', 'Name', 'Alias', 'ResourceType')
$GraphNames = @{ ExternalDirectoryObjectId = 'id'; UserPrincipalName = 'userPrincipalName' }

function Get-MemoryLine {
    param($Item)
    $texts = foreach ($name in $Remembered) {
        $property = $name
        if ($Item -is [System.Collections.IDictionary]) { $property = [string] $GraphNames[$name] }
        [regex]::Replace((Get-Text $Item $property), '[\t\r\n]', ' ')
    }
    $texts -join "`t"
}

# The objects that a finished table kept. A table that is not finished has no memory, and nobody may take that for nobody.
function Get-Memory {
    param([string] $File)
    $path = Join-Path -Path $State -ChildPath "$File.kept"
    if (-not (Test-Finished $File)) { throw "$File was not exported, so nobody knows whom to ask for." }
    foreach ($line in [System.IO.File]::ReadAllLines($path, $Utf8)) {
        $texts = $line.Split("`t")
        $kept = @{}
        for ($place = 0; $place -lt $Remembered.Count; $place++) { $kept[$Remembered[$place]] = $texts[$place] }
        $kept
    }
}

function Import-Memory {
    param($Table)
    if ($Table.Remember -ne 'People') { return }
    foreach ($kept in @(Get-Memory $Table.File)) {
        foreach ($name in @('ExternalDirectoryObjectId', 'ExchangeGuid', 'UserPrincipalName', 'PrimarySmtpAddress')) {
            Add-Name $Sets.People $kept[$name]
        }
    }
}
