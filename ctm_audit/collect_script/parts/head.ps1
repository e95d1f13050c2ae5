<#
.SYNOPSIS
Exports what ctm-audit reads of one tenant of a mailbox migration into one zip. It reads, and changes nothing in the tenant.

.DESCRIPTION
Signs in to Exchange Online and Microsoft Graph as you, checks first that both sessions are in the expected tenant, and
writes one JSON file a table, and _export.json, which says what was exported, when, and what could not be. The lists at
the beginning of the script say whose data it takes: the people of the mapping in full, and of everybody else keyed hashes. What it has finished it keeps in a work folder, so that you can run it again after an interruption.

It needs the modules ExchangeOnlineManagement (3.0 or later) and Microsoft.Graph.Authentication (2.0 or later). When
the two do not get along in one window, run it with -Service Exchange, and then in a new window with -Service Graph.

.PARAMETER Folder
Where the zip, the log and the work folder are made; else the folder you are in.

.PARAMETER All
Export everybody in full, not only the people of the mapping.

.PARAMETER NoHashes
Take nothing at all of anybody else. Else the script writes keyed hashes of their ids, addresses and user principal
names: so the audit can tell that somebody else holds an address, and nobody learns who.

.PARAMETER SaltFile
The file with the key of these hashes, the same on both sides. You are asked for it when you do not name it.

.PARAMETER Service
Both, or only the tables of Exchange or of Graph. The zip is made when the tables of both are there.

.PARAMETER UserPrincipalName
With which account to sign in to Exchange Online.

.EXAMPLE
.\export.ps1 -SaltFile .\ctm-audit.salt

.EXAMPLE
.\export.ps1 -Folder D:\Export -Service Exchange
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [string] $Folder = '.',
    [switch] $All,
    [switch] $NoHashes,
    [string] $SaltFile = '',
    [ValidateSet('Both', 'Exchange', 'Graph')]
    [string] $Service = 'Both',
    [string] $UserPrincipalName = ''
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
