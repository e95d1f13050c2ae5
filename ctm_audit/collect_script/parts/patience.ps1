# --- Patience: what may go away by itself is asked again, and never sooner than the service says

function Get-Response {
    param($Problem)
    $property = $Problem.Exception.PSObject.Properties['Response']
    if ($null -ne $property) { return $property.Value }
}

function Get-ProblemText {
    param($Problem)
    $texts = [System.Collections.ArrayList]::new()
    $response = Get-Response $Problem
    if ($null -ne $response -and $null -ne $response.PSObject.Properties['StatusCode']) {
        [void] $texts.Add('HTTP {0}:' -f [int] $response.StatusCode)
    }
    for ($found = $Problem.Exception; $null -ne $found; $found = $found.InnerException) {
        [void] $texts.Add(('{0}: {1}' -f $found.GetType().Name, $found.Message))
    }
    if ($null -ne $Problem.ErrorDetails) { [void] $texts.Add($Problem.ErrorDetails.Message) }
    $texts -join ' '
}

# Seconds that the service asks for; 0 when it does not say.
function Get-RetryAfter {
    param($Problem, [string] $Text)
    $stated = ''
    if ($Text -match 'Retry-?After\W{1,5}(\d+(\.\d+)?)') { $stated = $Matches[1] }
    $response = Get-Response $Problem
    if ($null -ne $response -and $null -ne $response.PSObject.Properties['Headers']) {
        foreach ($header in $response.Headers) {
            if ($null -ne $header.PSObject.Properties['Key'] -and $header.Key -eq 'Retry-After') { $stated = @($header.Value)[0] }
        }
    }
    [double] $seconds = 0
    $culture = [System.Globalization.CultureInfo]::InvariantCulture
    if ([double]::TryParse($stated, [System.Globalization.NumberStyles]::Float, $culture, [ref] $seconds)) { return $seconds }
    $moment = [System.DateTimeOffset]::MinValue
    $style = [System.Globalization.DateTimeStyles]::AssumeUniversal
    if (-not [System.DateTimeOffset]::TryParse($stated, $culture, $style, [ref] $moment)) { return 0 }
    [System.Math]::Max(0, ($moment - [System.DateTimeOffset]::UtcNow).TotalSeconds)
}

# Seconds to wait before the next try; -1 when another try is of no use.
function Get-Wait {
    param($Problem, [string] $Text, [int] $Try)
    if ($Try -ge $MostTries -or $Text -notmatch $Transient) { return -1 }
    $stated = Get-RetryAfter $Problem $Text
    if ($stated -gt 0) { return $stated }
    [System.Math]::Min(300, 5 * [System.Math]::Pow(2, $Try - 1))
}

# Runs the action until it succeeds or fails for good. It must return nothing: what it finds it puts where its caller said.
function Invoke-Patiently {
    param([string] $What, [scriptblock] $Action)
    for ($try = 1; $true; $try++) {
        try {
            & $Action
            return
        }
        catch {
            $text = Get-ProblemText $_
            $wait = Get-Wait $_ $text $try
            if ($wait -lt 0) { throw }
            $seconds = [int] [System.Math]::Ceiling($wait)
            Write-Log "${What}: waiting $seconds seconds before try $($try + 1), because the service answered: $text"
            Show-Progress "${What}: waiting $seconds seconds for the service"
            Start-Sleep -Seconds $seconds
        }
    }
}

# Every object of a Graph list; each page is asked for patiently, the last link is followed.
function Read-Graph {
    param([string] $Path)
    $next = $Path
    while ($next -ne '') {
        $answer = @{ Page = $null }
        Invoke-Patiently $Path { $answer.Page = Invoke-MgGraphRequest -Method GET -Uri $next -OutputType HashTable -ErrorAction Stop }
        if ($null -eq $answer.Page -or -not $answer.Page.Contains('value')) { throw "Graph answered no list to $Path." }
        foreach ($member in $answer.Page['value']) { $member }
        $next = [string] $answer.Page['@odata.nextLink']
    }
}
