"""A run record as the engine writes it: Contoso moves 40 mailboxes to Fabrikam, and not everything is ready.

Everything that counts is counted here from the planted faults, so the numbers of the record agree with its findings.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

Record = dict[str, Any]

RULES = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))["rule"]
SOURCE_ID = "8f6c2d1e-3b57-4f0a-9c54-2f1d7a0b6e11"
TARGET_ID = "c1a9e7b4-52d3-4e86-8a1f-90b7d3c5f222"
DN = "/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn="
NAMES = [
    "adele.vance",
    "alex.wilber",
    "allan.deyoung",
    "amira.haddad",
    "bianca.pisani",
    "brian.johnson",
    "cameron.white",
    "christie.cline",
    "debra.berger",
    "delia.dennis",
    "diego.siciliani",
    "emily.braun",
    "enrico.cattaneo",
    "fatima.zahra",
    "gerhart.moller",
    "grady.archie",
    "henrietta.mueller",
    "isaiah.langer",
    "ivan.o'brien",
    "irvin.sayers",
    "joni.sherman",
    "jordan.miller",
    "lee.gu",
    "lidia.holloway",
    "lynne.robbins",
    "megan.bowen",
    "miriam.graham",
    "mona.kane",
    "nestor.wilke",
    "nora.þórsdóttir",
    "patti.fernandez",
    "pradeep.gupta",
    "raul.razo",
    "renée.lefèvre",
    "sato.kenji",
    "tomás.núñez",
    "vera.ivanova",
    "wendy.oduya",
    "invoices",
    "room.oslo",
]
GATES = {
    "evidence": "Is what was collected whole, and fresh enough",
    "access": "Are both tenants the right ones, and ready for changes",
    "licensing": "Is everyone licensed for the move, and nobody too early",
    "identity": "Does every row name one movable mailbox and one MailUser",
    "stamping": "Does every MailUser carry the attributes of its source mailbox",
    "domains": "Are the domains where the move needs them",
    "trust": "Do both tenants allow the move",
    "mailbox": "Is every source mailbox free to leave",
    "delegation": "Do delegates and their mailboxes stay together",
    "coexistence": "Does mail keep flowing while people are on both sides",
    "batch": "Is the migration batch sound",
    "dns": "Are the DNS records ready",
    "post-move": "Did every mailbox arrive",
    "dns-cutover": "Does the moved domain answer from the target",
    "cleanup": "Is nothing left open",
}
NOT_REQUIRED = ("delegation", "coexistence", "dns", "post-move", "dns-cutover", "cleanup")
WARNINGS = ("TRU-14W", "MBX-12W")
DUE = ("FROM-01", "USE-01")
TENANT_RULES = ("ACC-01", "ACC-04", "LIC-02", "DOM-03", "TRU-08", "TRU-09", "TRU-14", "TRU-14W")
UNSEEN = (37, 38, 39)  # the mailboxes with an archive whose statistics were not exported
MOVED = (7,)

EXPORT = (
    "ConvertTo-Json -InputObject @(Get-Mailbox -ResultSize Unlimited -Archive | ForEach-Object { Get-MailboxStatistics $_.ExchangeGuid"
    " -Archive }) -Depth 6 | Set-Content -Encoding utf8 Get-MailboxStatistics-Archive.json"
)
TABLES = (
    ("connections", "Get-ConnectionInformation", 1),
    ("organization_config", "Get-OrganizationConfig", 1),
    ("mailboxes", "Get-Mailbox", 214),
    ("mail_users", "Get-MailUser", 57),
    ("mailbox_statistics", "Get-MailboxStatistics", 214),
    ("group_members", "Get-DistributionGroupMember", 38),
    ("organization_relationships", "Get-OrganizationRelationship", 2),
    ("subscribed_skus", "subscribedSkus", 9),
)


def source_id(number: int) -> str:
    return f"{NAMES[number]}@contoso.com"


def planted() -> dict[str, list[tuple[int | str, Any, Any, Any]]]:
    """For each rule the objects that fail it: a mailbox's number or a tenant, expected, found, and the command."""

    def user(number: int) -> str:
        return f"'{NAMES[number]}@fabrikam.com'".replace("o'b", "o''b")

    def add_dn(number: int, found: str) -> tuple[int, str, str, str]:
        wanted = f"X500:{DN}{number:032x}-{NAMES[number].split('.')[0]}"
        return number, wanted, found, f"Set-MailUser -Identity {user(number)} -EmailAddresses @{{Add='{wanted}'}}"

    def stamp(number: int, found: str) -> tuple[int, str, str, str]:
        wanted = f"5d1f0c9a-6b2e-4a77-9d10-{number:012d}"
        return number, wanted, found, f"Set-MailUser -Identity {user(number)} -ExchangeGuid '{wanted}'"

    def foreign(number: int) -> tuple[int, str, str, str]:
        address = f"smtp:{NAMES[number]}@contoso.onmicrosoft.com"
        command = f"Set-MailUser -Identity {user(number)} -EmailAddresses @{{Remove='{address}'}}"
        return number, "only fabrikam.com, fabrikam.onmicrosoft.com", address, command

    return {
        "LIC-01": [
            (
                n,
                "ExchangeT2TMbxMove on either side",
                "",
                f"Set-MgUserLicense -UserId {user(n)} -AddLicenses @{{SkuId='<sku>'}} -RemoveLicenses @()",
            )
            for n in (4, 9, 18, 33)
        ],
        "IDN-03": [(11, "one MailUser", "UserMailbox", None), (24, "one MailUser", "", None)],
        "STP-01": [
            stamp(3, "5d1f0c9a-6b2e-4a77-9d10-000000000030"),
            stamp(18, "00000000-0000-0000-0000-000000000000"),
            stamp(29, ""),
        ],
        "STP-05": [
            add_dn(3, ""),
            *(add_dn(n, f"X500:{DN}{n + 1:032x}-{NAMES[n].split('.')[0]}") for n in (5, 6, 12, 18, 29, 34)),
        ],
        "STP-11": [foreign(n) for n in (5, 14, 15, 16, 34)],
        "TRU-09": [
            (
                "source",
                "RemoteOutbound",
                "Inbound",
                "Set-OrganizationRelationship -Identity 'Fabrikam' -MailboxMoveEnabled $true -MailboxMoveCapability RemoteOutbound",
            )
        ],
        "TRU-12": [
            (
                n,
                "member of CTM-Allowed",
                "member of no published scope",
                f"Add-DistributionGroupMember -Identity 'CTM-Allowed' -Member '{NAMES[n]}'",
            )
            for n in (20, 21)
        ],
        "MBX-01": [
            (26, "no litigation hold", "LitigationHoldEnabled", "Set-Mailbox -Identity 'miriam.graham' -LitigationHoldEnabled $false")
        ],
        "BCH-04": [(31, "in no batch", "batch Pilot-2026 (Completed)", "Remove-MigrationUser -Identity 'pradeep.gupta@fabrikam.com'")],
        "MBX-12W": [(n, "below 90 %", f"{n + 60} % of 50 GB", None) for n in (32, 35)],
        "FROM-01": [(n, "a domain of the target", f"{NAMES[n]}@fabrikam.onmicrosoft.com", None) for n in range(12, 24)],
        "USE-01": [(n, "enabled", "disabled", f"Update-MgUser -UserId {user(n)} -AccountEnabled") for n in (8, 30)],
    }


def weight(rule: str) -> str:
    return "warning" if rule in WARNINGS else "due" if rule in DUE else "blocker"


def findings() -> list[Record]:
    texts = {rule["id"]: rule for rule in RULES}
    made = [_finding(texts[rule], *row) for rule, rows in planted().items() for row in rows]
    made += [_unseen(texts[rule]) for rule in ("MBX-12", "MBX-12W")]
    return sorted(made, key=lambda finding: [rule["id"] for rule in RULES].index(finding["rule"]))


def _finding(rule: Record, who: int | str, expected: str | None, found: str | None, command: str | None) -> Record:
    if isinstance(who, str):
        judged = {"kind": "tenant", "id": who, "name": "contoso.onmicrosoft.com"}
    else:
        judged = {"kind": "mailbox", "id": source_id(who), "name": f"{source_id(who)} → {NAMES[who]}@fabrikam.com"}
    return {
        "rule": rule["id"],
        "gate": rule["gate"],
        "weight": weight(rule["id"]),
        "verdict": "due" if rule["id"] in DUE else "fail",
        "object": judged,
        "wave": "1" if judged["kind"] == "mailbox" else None,
        "expected": expected,
        "found": found,
        "owner": "on-prem-admin" if who == 34 and rule["gate"] == "stamping" else rule["owner"],
        "fix_kind": rule["fix_kind"],
        "fix": "Change it in the on-premises directory; the cloud object is read-only."
        if who == 34 and rule["gate"] == "stamping"
        else rule["fix"],
        "command": None if who == 34 else command,
        "reason": None,
        "until": None,
        "count": 1,
        "original": None,
    }


def _unseen(rule: Record) -> Record:
    reason = "Get-MailboxStatistics -Archive of the source was not collected."
    judged = {"kind": "evidence", "id": rule["id"], "name": rule["title"]}
    base = _finding(rule, 0, None, None, None)
    return base | {"verdict": "undetermined", "object": judged, "wave": None, "reason": reason, "count": len(UNSEEN)}


def mailboxes() -> list[Record]:
    return [_mailbox(number) for number in range(len(NAMES))]


def _mailbox(number: int) -> Record:
    blocking = [f["rule"] for f in findings() if f["object"]["id"] == source_id(number) and f["weight"] == "blocker"]
    undetermined = ["MBX-12"] if number in UNSEEN else []
    verdict = "moved" if number in MOVED else "blocked" if blocking else "undetermined" if undetermined else "ready"
    return {
        "id": source_id(number),
        "target": f"{NAMES[number]}@fabrikam.com",
        "wave": "1",
        "stage": "moved" if number in MOVED else "unprepared" if number in (11, 24) else "prepared",
        "verdict": verdict,
        "blocking": blocking,
        "undetermined": undetermined,
        "other": [f["rule"] for f in findings() if f["object"]["id"] == source_id(number) and f["weight"] != "blocker"],
        "waived": [],
        "attested": [],
        "source.exchange_guid": f"5d1f0c9a-6b2e-4a77-9d10-{number:012d}",
        "target.x500": [f"{DN}{number:032x}".lower()],
        "source.quota": 53687091200,
        "source.litigation_hold": number == 26,
        "source.has_archive": None,
    }


def run() -> Record:
    rows, boxes = findings(), mailboxes()
    return {
        "format_version": "1",
        "tool_version": "0.1.0",
        "run_id": "7c1f9a2be04d",
        "clock": {"started_at": "2027-01-02T19:12:44Z", "finished_at": "2027-01-02T19:12:46Z"},
        "as_of": "2027-01-02T18:00:00Z",
        "now": "2027-01-02T18:00:00Z",
        "project": {
            "name": "contoso-to-fabrikam",
            "source_tenant_id": SOURCE_ID,
            "target_tenant_id": TARGET_ID,
            "source_initial_domain": "contoso.onmicrosoft.com",
            "target_initial_domain": "fabrikam.onmicrosoft.com",
        },
        "step": "submit",
        "step_why": "next unfinished step",
        "wave": "1",
        "ready": False,
        "evidence": [_bundle("source"), _bundle("target")],
        "rulebook": {"digest": "4be1" * 16, "rules": len(RULES), "extra": None},
        "reference": {
            "licenses": {"checked": "2026-11-20", "digest": "e5" * 32, "overridden": False},
            "clouds": {"checked": "2026-11-21", "digest": "f6" * 32, "overridden": True},
        },
        "statements": _statements(),
        "statement_files": {
            "waiver": {"name": "waivers.toml", "digest": "c7" * 32},
            "attestation": {"name": "attestations.toml", "digest": "d8" * 32},
        },
        "gates": [_gate(gate, rows) for gate in GATES],
        "mailboxes": {"total": len(boxes)}
        | {name: sum(b["verdict"] == name for b in boxes) for name in ("ready", "blocked", "undetermined", "moved")},
        "rules": [_rule(rule, rows) for rule in RULES],
        "first": _first(),
        "owners": _owners(rows),
        "gaps": [
            {
                "side": "source",
                "table": "archive_statistics",
                "what": "Get-MailboxStatistics -Archive not collected",
                "export": EXPORT,
                "rules": ["MBX-12", "MBX-12W"],
                "mailboxes": len(UNSEEN),
            }
        ],
    }


def _statements() -> list[Record]:
    shared = {"role": None, "when": None, "accepts_undetermined": False, "lapse": None}
    waiver = {"kind": "waiver", "rule": "MBX-12W", "objects": [source_id(3)], "who": "Megan Bowen", "words": "cleans up before Friday"}
    expired = {"lapse": "the waiver of Alex Wilber expired on 2027-01-01", "expires": "2027-01-01", "counted": 0}
    return [
        {**shared, **waiver, "expires": "2027-01-31", "counted": 1},
        {**shared, **waiver, "who": "Alex Wilber", "words": "<b>holidays</b>", **expired},
        {
            "kind": "attestation",
            "rule": "TRU-09",
            "objects": ["source"],
            "who": "Diego Siciliani",
            "role": "legal counsel",
            "words": "No copy has to stay in the source.",
            "when": "2026-12-20",
            "expires": "2027-03-01",
            "accepts_undetermined": True,
            "lapse": None,
            "counted": 0,
        },
    ]


def _bundle(side: str) -> Record:
    at = {"source": "2027-01-02T07:30:00Z", "target": "2027-01-02T09:05:00Z"}[side]
    tables: list[Record] = [
        {"name": name, "command": command, "rows": rows, "complete": True, "reason": None, "collected_at": at}
        for name, command, rows in TABLES
    ]
    if side == "source":
        absent = {"name": "archive_statistics", "command": "Get-MailboxStatistics -Archive", "rows": None, "complete": False}
        tables.insert(5, absent | {"reason": "no file holds it", "collected_at": None})
        tables[3] |= {"complete": False, "reason": "1 row without ExternalDirectoryObjectId was dropped"}
    return {
        "side": side,
        "tenant_id": SOURCE_ID if side == "source" else TARGET_ID,
        "initial_domain": "contoso.onmicrosoft.com" if side == "source" else "fabrikam.onmicrosoft.com",
        "collected_at": at,
        "how": "exported files, time from _export.json",
        "digest": ("a1" if side == "source" else "b2") * 32,
        "signed": False,
        "signer": None,
        "signer_known": False,
        "tables": tables,
    }


def _gate(gate: str, rows: list[Record]) -> Record:
    counts = _counts([row for row in rows if row["gate"] == gate])
    state = "closed" if counts["failed"] else "undetermined" if counts["undetermined"] else "open"
    failing = Counter(row["rule"] for row in rows if row["gate"] == gate and row["weight"] == "blocker" and row["verdict"] == "fail")
    reason = "; ".join(f"{rule} fails for {number}" for rule, number in failing.items()) or None
    told = {name: counts[name] for name in ("failed", "warned", "due", "undetermined", "waived", "attested")}
    return {"id": gate, "title": GATES[gate], "state": "not_required" if gate in NOT_REQUIRED else state, "reason": reason} | told


def _counts(rows: list[Record]) -> Counter[str]:
    names = {"due": "due", "undetermined": "undetermined"}
    counts: Counter[str] = Counter()
    for row in rows:
        failed = "warned" if row["weight"] == "warning" else "failed"
        counts[names.get(row["verdict"], failed)] += row["count"]
    return counts


def _rule(rule: Record, rows: list[Record]) -> Record:
    counts = _counts([row for row in rows if row["rule"] == rule["id"]])
    over = 2 if rule["id"] in TENANT_RULES else len(NAMES) - len(MOVED)
    failed = counts["failed"] + counts["warned"]
    return {
        **{key: rule[key] for key in ("id", "slug", "title", "gate", "why", "predicts", "sources", "owner", "fix", "fix_kind")},
        "how_to": rule.get("how_to"),
        "shell": "exo" if rule["fix_kind"] == "script" else None,
        "weight": weight(rule["id"]),
        "blocks": ["complete"] if rule["id"] in DUE else [] if rule["id"] in WARNINGS else ["submit", "complete"],
        "warns": ["submit"] if rule["id"] in WARNINGS else [],
        "evaluated": over,
        "passed": over - failed - counts["due"] - counts["undetermined"],
        "failed": failed,
        "due": counts["due"],
        "undetermined": counts["undetermined"],
        "not_applicable": 0 if rule["id"] in TENANT_RULES else len(MOVED),
        "waived": 0,
        "attested": 0,
        "reason": "1 mailbox moved on 2026-12-19." if rule["id"] == "STP-01" else None,
    }


def _first() -> list[Record]:
    texts = {rule["id"]: rule for rule in RULES}
    order = (
        ("tenant", "TRU-09", 1, 19),
        ("rule", "STP-11", 5, 22),
        ("rule", "STP-05", 7, 26),
        ("rule", "LIC-01", 4, 28),
        ("rule", "STP-01", 3, 31),
    )
    acts = [
        {
            "kind": kind,
            "rule": rule,
            "title": texts[rule]["title"],
            "owner": texts[rule]["owner"],
            "objects": objects,
            "ready_after": after,
            "of": 39,
        }
        for kind, rule, objects, after in order
    ]
    evidence = {"kind": "evidence", "rule": None, "title": "Export Get-MailboxStatistics -Archive from the source", "owner": "source-admin"}
    return [*acts, evidence | {"objects": 3, "ready_after": 34, "of": 39}]


def _owners(rows: list[Record]) -> list[Record]:
    names = dict.fromkeys(row["owner"] for row in rows)
    made = [_owner(name, [row for row in rows if row["owner"] == name]) for name in names]
    return sorted(made, key=lambda owner: (-owner["blockers"], owner["owner"]))


def _owner(name: str, rows: list[Record]) -> Record:
    return {
        "owner": name,
        "blockers": sum(row["count"] for row in rows if row["weight"] == "blocker"),
        "warnings": sum(row["count"] for row in rows if row["weight"] == "warning"),
        "due": sum(row["count"] for row in rows if row["weight"] == "due"),
        "objects": len({row["object"]["id"] for row in rows}),
        "rules": list(dict.fromkeys(row["rule"] for row in rows)),
    }


def with_verdict(ready: bool | None) -> Record:
    """The run when nothing fails: every required gate open, or nothing known."""
    state = "open" if ready else "undetermined"
    zero = dict.fromkeys(("failed", "due", "undetermined"), 0)
    made = run()
    for gate in made["gates"]:
        gate.update(zero, warned=0, reason=None, state=state if gate["state"] != "not_required" else "not_required")
    for rule in made["rules"]:
        rule.update(zero)
    moved, total = len(MOVED), len(NAMES)
    counts = {"total": total, "ready": 0, "blocked": 0, "undetermined": 0, "moved": moved} | {state.replace("open", "ready"): total - moved}
    return made | {"ready": ready, "mailboxes": counts, "first": [], "owners": [], "gaps": [] if ready else made["gaps"]}


def with_many(number: int) -> tuple[Record, list[Record], list[Record]]:
    """The run in which STP-05 fails for so many mailboxes, and there are no others."""
    made = run()
    finding = next(finding for finding in findings() if finding["rule"] == "STP-05")
    mailbox = mailboxes()[3] | {"blocking": ["STP-05"]}
    for rule in made["rules"]:
        rule["failed"] = number if rule["id"] == "STP-05" else rule["failed"]
    made["mailboxes"] = {"total": number, "ready": 0, "blocked": number, "undetermined": 0, "moved": 0}
    ids = [f"person{place}@contoso.com" for place in range(number)]
    told = [finding | {"object": {"kind": "mailbox", "id": key, "name": f"{key} → {key}"}, "found": f"X500:{key}"} for key in ids]
    return made, told, [mailbox | {"id": key} for key in ids]
