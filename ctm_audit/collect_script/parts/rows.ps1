# --- Texts, times and the log

function Get-UtcText {
    param([datetime] $Moment = [datetime]::UtcNow)
    $Moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [System.Globalization.CultureInfo]::InvariantCulture)
}

# Service answers are quoted in the log and the record; a token must not be, should one ever stand in them.
function Get-ShortText {
    param([string] $Text)
    $plain = [regex]::Replace($Text, 'eyJ[A-Za-z0-9_.-]{20,}', '(hidden)')
    $plain = [regex]::Replace($plain, '\s+', ' ').Trim()
    $plain.Substring(0, [System.Math]::Min(300, $plain.Length))
}

function Write-Log {
    param([string] $Text)
    $line = '{0}  {1}' -f (Get-UtcText), (Get-ShortText $Text)
    [System.IO.File]::AppendAllText($LogFile, $line + [System.Environment]::NewLine, $Utf8)
    Write-Host $line
}

function Show-Progress {
    param([string] $What)
    Write-Progress -Activity "Export of the $Side tenant" -Status $What
}

# --- Objects to rows

function Get-Text {
    param($Item, [string] $Name)
    if ($Item -is [System.Collections.IDictionary]) { return ([string] $Item[$Name]).Trim() }
    $property = $Item.PSObject.Properties[$Name]
    if ($null -eq $property) { return '' }
    ([string] $property.Value).Trim()
}

# Only what ConvertTo-Json writes alike on Windows PowerShell 5.1 and PowerShell 7: no date, no enumeration, no array.
# Graph tells the first characters of client credentials as a hint; they stay where they are.
function ConvertTo-Plain {
    param($Value)
    if ($null -eq $Value) { return $null }
    if ($Value -is [string]) { return $Value.ToString() }
    if ($Value -is [bool]) { return [bool] $Value }
    if ($Value -is [datetime]) { return (Get-UtcText $Value) }
    if ($Value -is [System.Enum]) { return $Value.ToString() }
    if ($Value -is [int] -or $Value -is [long] -or $Value -is [int16] -or $Value -is [uint32] -or $Value -is [byte]) { return [long] $Value }
    if ($Value -is [System.Collections.IDictionary]) {
        $members = [ordered] @{}
        foreach ($name in @($Value.Keys)) { if ($name -ne 'hint') { $members[[string] $name] = ConvertTo-Plain $Value[$name] } }
        return $members
    }
    if ($Value -is [System.Collections.IEnumerable]) {
        $list = [System.Collections.ArrayList]::new()
        foreach ($member in $Value) { [void] $list.Add((ConvertTo-Plain $member)) }
        return , $list
    }
    [string] $Value
}

function ConvertTo-Row {
    param($Item, [string[]] $Properties)
    $row = [ordered] @{}
    foreach ($name in $Properties) {
        if ($Item -is [System.Collections.IDictionary]) {
            if ($Item.Contains($name)) { $row[$name] = ConvertTo-Plain $Item[$name] }
            continue
        }
        $property = $Item.PSObject.Properties[$name]
        if ($null -ne $property) { $row[$name] = ConvertTo-Plain $property.Value }
    }
    $row
}

# --- One file of rows: written beside the finished ones, and moved there when it is whole

function Open-Sheet {
    param([string] $File)
    $part = Join-Path -Path $State -ChildPath "$File.part"
    $writer = [System.IO.StreamWriter]::new($part, $false, $Utf8)
    $writer.Write('[')
    @{ File = $File; Part = $part; Writer = $writer; Block = [System.Collections.ArrayList]::new(); Rows = 0 }
}

function Add-Row {
    param($Sheet, $Row)
    [void] $Sheet.Block.Add($Row)
    if ($Sheet.Block.Count -ge $RowsInABlock) { Write-Block $Sheet }
}

function Write-Block {
    param($Sheet)
    if ($Sheet.Block.Count -eq 0) { return }
    $json = ConvertTo-Json -InputObject @($Sheet.Block) -Depth 6 -Compress
    if (-not $json.StartsWith('[')) { throw 'ConvertTo-Json wrote no list.' }
    if ($Sheet.Rows -gt 0) { $Sheet.Writer.WriteLine(',') }
    $Sheet.Writer.Write($json.Substring(1, $json.Length - 2))
    $Sheet.Rows += $Sheet.Block.Count
    $Sheet.Block.Clear()
    Show-Progress "$($Sheet.File): $($Sheet.Rows) rows"
}

function Complete-Sheet {
    param($Sheet)
    Write-Block $Sheet
    $Sheet.Writer.WriteLine(']')
    $Sheet.Writer.Dispose()
    $whole = Join-Path -Path $Files -ChildPath $Sheet.File
    [System.IO.File]::Delete($whole)
    [System.IO.File]::Move($Sheet.Part, $whole)
}
