# --- Keyed hashes of everybody else

function Get-Salt {
    $path = $SaltFile
    if ($path -eq '') { $path = Read-Host -Prompt 'Path of the salt file that both sides share' }
    $text = [System.IO.File]::ReadAllText($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($path)).Trim()
    if ($text -cnotmatch '^[0-9a-f]{64}$') { throw 'The salt file does not hold 64 hexadecimal digits.' }
    $bytes = [byte[]]::new(32)
    for ($place = 0; $place -lt 32; $place++) { $bytes[$place] = [System.Convert]::ToByte($text.Substring(2 * $place, 2), 16) }
    , $bytes
}

# Only ASCII is folded, for nothing else is folded alike everywhere; any run of other characters counts as one sign.
function Get-Folded {
    param([string] $Text)
    if ($Text -cnotmatch '[^\x00-\x7f]') { return $Text.ToLowerInvariant() }
    $folded = [System.Text.StringBuilder]::new()
    foreach ($sign in $Text.ToCharArray()) {
        $code = ([int] $sign).ToString('x4')
        if ($Folds.ContainsKey($code)) { [void] $folded.Append([regex]::Unescape($Folds[$code])) } else { [void] $folded.Append($sign) }
    }
    [regex]::Replace($folded.ToString(), '[^\x00-\x7f]+', '?').ToLowerInvariant()
}

function Get-Hash {
    param([string] $Text)
    [System.BitConverter]::ToString($Hmac.ComputeHash($Utf8.GetBytes($Text))).Replace('-', '').ToLowerInvariant().Substring(0, 32)
}

function Get-Address {
    param([string] $Address)
    if ($Address -match '^smtp:(.*)$') { return $Matches[1].Trim() }
    if ($Address -match '^[A-Za-z][A-Za-z0-9]*:') { return '' }
    $Address.Trim()
}

# What of a value is compared: of an address list only addresses of the kind; an X500 address keeps its blanks.
function Get-Comparable {
    param([string] $Text, [string] $Kind)
    if ($Kind -eq 'address') { return (Get-Address ($Text.TrimStart())) }
    if ($Kind -ne 'x500') { return $Text.Trim() }
    if ($Text.TrimStart() -match '^x500:([\s\S]*)$') { return $Matches[1] }
    ''
}

# The texts of a property; $null when the object has no such property.
function Get-Value {
    param($Item, [string] $Name)
    if ($Item -is [System.Collections.IDictionary]) {
        if (-not $Item.Contains($Name)) { return $null }
        return , @(foreach ($value in @($Item[$Name])) { [string] $value })
    }
    $property = $Item.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    , @(foreach ($value in @($property.Value)) { [string] $value })
}

# Whose hashes these are: the hash of the first id that the object has.
function Get-Holder {
    param($Item, $Table)
    foreach ($name in $Table.Holder) {
        $id = (Get-Text $Item $name).ToLowerInvariant()
        if ($id -ne '' -and $id -ne $NoGuid) { return (Get-Hash $id) }
    }
    throw 'An object has no id.'
}

function Add-Hash {
    param($Sheet, $Table, $Item, $Unknown)
    $holder = Get-Holder $Item $Table
    $type = ''
    if ($Table.Type -ne '') { $type = Get-Text $Item $Table.Type }
    $seen = [System.Collections.Generic.HashSet[string]]::new()
    foreach ($kind in @($Table.Hashed.Keys)) {
        foreach ($name in $Table.Hashed[$kind]) {
            $values = Get-Value $Item $name
            if ($null -eq $values) {
                $Unknown.Add($holder)
                continue
            }
            foreach ($value in $values) {
                $text = Get-Folded (Get-Comparable $value $kind)
                if ($text -eq '' -or $text -eq $NoGuid -or -not $seen.Add("$kind $text")) { continue }
                Add-Row $Sheet ([ordered] @{ holder = $holder; type = $type; kind = $kind; hash = Get-Hash $text })
            }
        }
    }
}
