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

function Get-Address {
    param([string] $Address)
    if ($Address -match '^smtp:(.*)$') { return $Matches[1].Trim() }
    if ($Address -match '^[A-Za-z][A-Za-z0-9]*:') { return '' }
    $Address.Trim()
}

function Get-HashedText {
    param($Item, [string] $Kind, [string] $Name)
    $values = $null
    if ($Item -is [System.Collections.IDictionary]) { $values = $Item[$Name] }
    elseif ($null -ne $Item.PSObject.Properties[$Name]) { $values = $Item.PSObject.Properties[$Name].Value }
    foreach ($value in @($values)) {
        $text = ([string] $value).Trim()
        if ($Kind -eq 'address') { $text = Get-Address $text }
        if ($text -ne '' -and $text -ne $NoGuid) { $text.ToLowerInvariant() }
    }
}

function Add-Hash {
    param($Sheet, $Table, $Item)
    $seen = [System.Collections.Generic.HashSet[string]]::new()
    foreach ($kind in @($Table.Hashed.Keys)) {
        foreach ($name in $Table.Hashed[$kind]) {
            foreach ($text in @(Get-HashedText $Item $kind $name)) {
                if (-not $seen.Add("$kind $text")) { continue }
                $hash = [System.BitConverter]::ToString($Hmac.ComputeHash($Utf8.GetBytes($text))).Replace('-', '').ToLowerInvariant()
                Add-Row $Sheet ([ordered] @{ kind = $kind; hash = $hash })
            }
        }
    }
}
