# --- The work folder and the zip

function Open-Work {
    $mark = '{0} all={1} hashes={2}' -f $Digest, [bool] $All, (-not $NoHashes)
    if (-not [System.IO.Directory]::Exists($Work)) {
        [void] [System.IO.Directory]::CreateDirectory($Files)
        [void] [System.IO.Directory]::CreateDirectory($State)
        [System.IO.File]::WriteAllLines($RunFile, [string[]] @($mark, (Get-UtcText)), $Utf8)
    }
    if (-not [System.IO.File]::Exists($RunFile)) { throw "$Work is not a work folder of this script. Move it away, or name another -Folder." }
    $lines = [System.IO.File]::ReadAllLines($RunFile, $Utf8)
    if ($lines[0] -ne $mark) { throw "$Work holds the export of another script or of other switches. Delete it, or name another -Folder." }
    $lines[1]
}

function Get-Entry {
    foreach ($path in [System.IO.Directory]::GetFiles($State)) {
        if ($path.EndsWith('.done') -or $path.EndsWith('.failed')) { [System.IO.File]::ReadAllText($path, $Utf8) }
    }
}

# Tables of which nothing is known yet: neither exported nor failed.
function Get-MissingTable {
    foreach ($table in $Tables) {
        $start = $table.File -replace 'GROUP\.json$', ''
        $known = @([System.IO.Directory]::GetFiles($State, "$start*") | Where-Object { $_.EndsWith('.done') -or $_.EndsWith('.failed') })
        if ($known.Count -eq 0) { $table.File }
    }
}

# The member of the record that says who was looked for; in blocks, because Windows PowerShell has a longest text.
function Get-KeyText {
    if ($All) { return '' }
    $keys = @(foreach ($key in $MappedKeys) { [regex]::Unescape($key) })
    $blocks = for ($start = 0; $start -lt $keys.Count; $start += 1000) {
        $end = [System.Math]::Min($start + 999, $keys.Count - 1)
        $json = ConvertTo-Json -InputObject @($keys[$start..$end]) -Compress
        $json.Substring(1, $json.Length - 2)
    }
    '"mapped_keys":[{0}],' -f ($blocks -join ",`n")
}

function Write-Export {
    param([string] $Started)
    $head = [ordered] @{
        format_version = '1'; side = $Side; tenant_id = $TenantId; initial_domain = $InitialDomain; cloud = $Cloud
        started_at = $Started; finished_at = Get-UtcText; salt = ''
    }
    if ($null -ne $Hmac) { $head['salt'] = Get-Hash 'ctm-audit salt' }
    $json = ConvertTo-Json -InputObject $head -Compress
    $text = '{0},{1}"tables":[{2}]}}' -f $json.Substring(0, $json.Length - 1), (Get-KeyText), (@(Get-Entry) -join ",`n")
    [System.IO.File]::WriteAllText((Join-Path -Path $Files -ChildPath '_export.json'), $text, $Utf8)
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    $stamp = [datetime]::UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", [System.Globalization.CultureInfo]::InvariantCulture)
    $zip = Join-Path -Path $Root -ChildPath "ctm-audit-$Side-$stamp.zip"
    [System.IO.File]::Delete("$zip.part")
    [System.IO.Compression.ZipFile]::CreateFromDirectory($Files, "$zip.part")
    [System.IO.File]::Move("$zip.part", $zip)
    $zip
}

function Complete-Export {
    param([string] $Started)
    $missing = @(Get-MissingTable)
    if ($missing.Count -gt 0) {
        Write-Log "Not exported yet: $($missing -join ', '). Run the script again with -Service for the other service, in a new window."
        return
    }
    $zip = Write-Export $Started
    $failures = [System.IO.Directory]::GetFiles($State, '*.failed').Count
    if ($failures -gt 0) {
        Write-Log "$zip is written, but $failures files have gaps; the log says which. Run the script again to try those once more."
        return
    }
    [System.IO.Directory]::Delete($Work, $true)
    Write-Log "$zip is complete. It holds personal data: hand it over on a safe way, and delete it here."
}

# --- The run

[void] [System.IO.Directory]::CreateDirectory($Root)
$Started = Open-Work
foreach ($key in $MappedKeys) { Add-Name $Sets.People ([regex]::Unescape($key)) }
try {
    Write-Log "Export of the $Side tenant $TenantId, $Service, mapped keys: $($MappedKeys.Count), everybody: $([bool] $All)"
    if ($Service -ne 'Exchange') { Connect-Graph }
    if ($Service -ne 'Graph') { Connect-Exchange }
    if (-not $NoHashes -and -not $All -and @($Tables | Where-Object { $_.HashedFile -ne '' }).Count -gt 0) { $Hmac = [System.Security.Cryptography.HMACSHA256]::new([byte[]] (Get-Salt)) }
    foreach ($table in $Tables) {
        if ($Service -in @('Both', $table.Service)) { Export-Table $table }
        elseif (Test-Finished $table.File) { Import-Memory $table }
    }
    Complete-Export $Started
}
finally {
    Write-Progress -Activity "Export of the $Side tenant" -Completed
    Disconnect-Service
}
