"""A project in the middle of a domain move: bundles of both tenants, and observations written down as a test wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.dns.planned_roles import TYPES, name_of
from ctm_audit.evidence.bundle import Bundle, write_bundle
from ctm_audit.evidence.intake import Meta, intake
from ctm_audit.project import Project, load_project

DOMAIN = "contoso.com"
T0 = datetime(2027, 1, 9, 20)
EXAMPLE = Path(__file__).parents[2] / "examples" / "contoso-to-fabrikam" / "clean"
NS1, NS2 = ("192.0.2.1:53", "ns1.contoso.com"), ("192.0.2.2:53", "ns2.contoso.com")
GOOGLE, OWN = ("8.8.8.8:53", "Google"), ("10.0.0.1:53", "own resolver")
OLD_MX, PARKED_MX, NEW_MX = "MX 0 contoso-com.mail.protection.outlook.com", "MX 10 park.example.net", "MX 0 contoso-com.n-v1.mx.microsoft"
SPF = "TXT v=spf1 include:spf.protection.outlook.com -all"
OLD_CODE, NEW_CODE = "TXT MS=ms10000001", "TXT MS=ms20000002"
BEFORE: dict[str, tuple[str, ...]] = {
    "mx": (OLD_MX,),
    "txt": (OLD_CODE, SPF),
    "autodiscover": ("CNAME autodiscover.outlook.com",),
    "selector1": ("CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com",),
    "selector2": ("CNAME selector2-contoso-com._domainkey.contoso.onmicrosoft.com",),
    "federation": ("SRV 100 1 5061 sipfed.online.lync.com",),
    "dmarc": ("TXT v=DMARC1; p=none",),
}
DKIM = {f"selector{number}": (f"CNAME selector{number}-contoso-com._domainkey.fabrikam.n-v1.dkim.mail.microsoft",) for number in (1, 2)}
Records = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Seen:
    """What one server or resolver says at one time: TTLs by role (else `ttl`), and roles that it does not answer."""

    vantage: tuple[str, str]
    records: Records
    ttl: int = 3600
    ttls: Mapping[str, int] | None = None
    silent: tuple[str, ...] = ()
    kind: str = "authoritative"


def answers(at: datetime, seen: Iterable[Seen], round_: int = 1) -> list[dict[str, Any]]:
    """The rows of `answers` for every role of a domain move."""
    return [_answer(at, one, role, round_) for one in seen for role in TYPES]


def _answer(at: datetime, one: Seen, role: str, round_: int) -> dict[str, Any]:
    name, records = name_of(role, DOMAIN), () if role in one.silent else one.records.get(role, ())
    ttl = (one.ttls or {}).get(role, one.ttl)
    outcome = "timeout" if role in one.silent else "answer" if records else "nxdomain"
    texts: dict[str, list[str]] = {key: [] for key in ("ede", "notes", "attempts")}
    return {
        "vantage": one.vantage[0],
        "server": one.vantage[1],
        "kind": one.kind,
        "domain": DOMAIN,
        "role": role,
        "name": name,
        "type": TYPES[role] if role not in ("autodiscover", "selector1", "selector2") else "A",
        "way": "plain",
        "round": round_,
        "outcome": outcome,
        "rcode": "NOERROR" if records else "",
        "aa": one.kind == "authoritative",
        "ad": False,
        "transport": "udp",
        "data": sorted(record.partition(" ")[2] for record in records if not record.startswith("CNAME")),
        "chain": [record.partition(" ")[2] for record in records if record.startswith("CNAME")],
        "records": [f"{name} {ttl} {record}" for record in records],
        "ttl": ttl if records else 0,
        "negative_ttl": -1 if records else 600,
        "is_signed": False,
        "signed_until": "",
        "milliseconds": 3,
        "asked_at": f"{at.isoformat()}Z",
        "wire": "",
        "sha256": "",
        **texts,
    }


@dataclass
class Move:
    """The project file and the folders that its bundles are written into."""

    root: Path
    domain: str = DOMAIN

    @property
    def project(self) -> Project:
        return load_project(self.root / "ctm-audit.toml")

    def observe(self, at: datetime, *seen: Seen, more: Mapping[str, list[dict[str, Any]]] | None = None) -> None:
        """Write what was seen at a time as a bundle of its own."""
        self.write_dns(at, answers(at, seen), [one.vantage for one in seen if one.kind != "authoritative"], more)

    def write_dns(
        self,
        at: datetime,
        rows: list[dict[str, Any]],
        resolvers: Iterable[tuple[str, str]],
        more: Mapping[str, list[dict[str, Any]]] | None,
    ) -> None:
        vantages = [
            {
                "vantage": vantage,
                "label": label,
                "kind": "resolver",
                "outcome": "answer",
                "is_honest": True,
                "has_edns": True,
                "votes": True,
                "detail": "",
            }
            for vantage, label in resolvers
        ]
        tables = {"answers": rows, "vantages": vantages, "zones": [], "name_servers": [], **(more or {})}
        taken = [intake(name, found, Meta("dns", name, at)) for name, found in tables.items()]
        write_bundle(
            self.root / "evidence" / "dns",
            side="dns",
            tenant_id="",
            initial_domain="",
            cloud="worldwide",
            collected_how="test",
            tables=taken,
            absent={},
        )

    def tenant(self, side: Any, at: datetime, **tables: list[dict[str, Any]]) -> Bundle:
        """Write a bundle of a tenant with these tables alone."""
        taken = [intake(name, found, Meta(side, name, at)) for name, found in tables.items()]
        tenant = getattr(self.project, side)
        return write_bundle(
            self.root / "evidence" / side,
            side=side,
            tenant_id=tenant.tenant_id,
            initial_domain=tenant.initial_domain,
            cloud="worldwide",
            collected_how="test",
            tables=taken,
            absent={},
        )

    def target(self, at: datetime, *, ready: bool) -> Bundle:
        """The target before (`ready` false) or after it has the domain."""
        mail: dict[str, Any] = {
            "@odata.type": "#microsoft.graph.domainDnsMxRecord",
            "label": self.domain,
            "mailExchange": NEW_MX.split(" ")[2],
            "preference": 0,
            "supportedService": "Email",
        }
        texts = {"@odata.type": "#microsoft.graph.domainDnsTxtRecord", "label": self.domain, "supportedService": "Email"}
        alias = {
            "@odata.type": "#microsoft.graph.domainDnsCnameRecord",
            "label": f"autodiscover.{self.domain}",
            "canonicalName": "autodiscover.outlook.com",
        }
        service = [mail, {**texts, "text": "v=spf1 include: spf.protection.outlook.com ~all"}, alias] if ready else []
        common = {"domainName": self.domain, "isOptional": False, "ttl": 3600}
        names = ("mailExchange", "preference", "text", "canonicalName", "service", "protocol", "nameTarget", "port", "priority", "weight")
        blank = dict.fromkeys((*names, "supportedService"))
        keys = {"Domain": self.domain, "Enabled": True, "Status": "Valid", "KeyCreationTime": None}
        keys |= {f"Selector{number}CNAME": DKIM[f"selector{number}"][0].split(" ")[1] for number in (1, 2)}
        return self.tenant(
            "target",
            at,
            service_records=[{**blank, **common, **row, "id": f"{number}"} for number, row in enumerate(service)],
            verification_records=[{**blank, **common, **texts, "text": NEW_CODE.removeprefix("TXT "), "id": "9"}],
            dkim_configs=[keys] if ready else [],
            domains=[{"id": self.domain, "isVerified": ready, "supportedServices": ["Email"]}],
        )

    def source(self, at: datetime, *names: str) -> Bundle:
        """The source with these domains."""
        code = {
            "@odata.type": "#microsoft.graph.domainDnsTxtRecord",
            "domainName": self.domain,
            "id": "1",
            "label": self.domain,
            "isOptional": False,
            "mailExchange": None,
            "preference": None,
            "text": OLD_CODE.removeprefix("TXT "),
        }
        facts = {"isVerified": True, "isDefault": False, "isInitial": False, "authenticationType": "Managed", "isAdminManaged": True}
        return self.tenant("source", at, domains=[{"id": name, **facts} for name in names], verification_records=[code])


def servers(records: Records, ttl: int = 3600, **options: Any) -> tuple[Seen, Seen]:
    """Both name servers, holding the same."""
    return Seen(NS1, records, ttl, **options), Seen(NS2, records, ttl, **options)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def new_move(root: Path, domain: str = DOMAIN) -> Move:
    """A project in which one domain moves."""
    text = (EXAMPLE / "ctm-audit.toml").read_text(encoding="utf-8").replace("as_of ", "# as_of ")
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("park "))
    text = text.replace('mail_style = "direct"', 'mail_style = "direct"\npark = ["10 park.example.net"]')
    text = text.replace('name       = "contoso.com"', f'name       = "{domain}"')
    (root / "ctm-audit.toml").write_text(text, encoding="utf-8", newline="\n")
    return Move(root, domain)


@pytest.fixture
def move(tmp_path: Path) -> Move:
    return new_move(tmp_path)
