"""What `dns observe` would have seen of a domain that moves, as rows of the tables of the `dns` bundle, before and after the move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ctm_audit.evidence.tables.dns import ROLES

Row = dict[str, Any]
Rows = dict[str, list[Row]]
SERVERS = (("ns1", "192.0.2.11"), ("ns2", "192.0.2.12"))
RESOLVERS = (("Google", "8.8.8.8:53"), ("Cloudflare", "1.1.1.1:53"), ("Quad9", "9.9.9.9:53"), ("own resolver", "10.1.0.53:53"))
OWN = "10.1.0.53:53"
HOST_ADDRESS, WEB_ADDRESS = "192.0.2.25", "192.0.2.80"
LOW_TTL = 300
ROUNDS = 3
KEY_TEXT = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"


@dataclass(frozen=True, slots=True)
class Held:
    """What a name server holds for a role: data of the type, or the CNAME that stands there."""

    data: tuple[str, ...] = ()
    cname: str = ""
    ttl: int = LOW_TTL

    @property
    def outcome(self) -> str:
        """How the question ends."""
        return "answer" if self.data or self.cname else "nodata"


@dataclass(frozen=True, slots=True)
class Change:
    """Other facts in the rows of a table that have all of `where`."""

    table: str
    where: Mapping[str, Any]
    facts: Mapping[str, Any]

    def applied(self, row: Row) -> Row:
        """The row as it is then."""
        return {**row, **self.facts} if all(row[name] == value for name, value in self.where.items()) else row


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One domain at the moment `at` (naive UTC). `held` is what all its servers hold, role by role; what is not there they do not hold.

    `second` is what the second server holds otherwise, `outcomes` how a role's question ended at all of them where nobody knows.
    `before` is what they held at the baseline where that differs; it was changed `ago`. `changes` are made in the finished
    rows. One resolver `wavers` from round to round; `liars` are those that invent answers.
    `hosts` are mail hosts with their addresses, `tlsa` their TLSA records. `proofs` are the rows of the other tables of the domain.
    """

    domain: str
    at: datetime
    held: Mapping[str, Held]
    proofs: Mapping[str, tuple[Row, ...]]
    second: Mapping[str, Held] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Held] = field(default_factory=dict)
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tlsa: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    selectors: Mapping[str, Held] = field(default_factory=dict)
    resolved: bool = True
    ago: timedelta = timedelta(days=1)
    changes: tuple[Change, ...] = ()
    wavers: bool = False
    liars: tuple[str, ...] = ()

    def holding(self, **roles: Held) -> Observed:
        """The same with other records."""
        return replace(self, held={**self.held, **roles})

    def proving(self, table: str, **facts: Any) -> Observed:
        """The same with other facts in every row of a table of proofs."""
        rows = tuple({**row, **facts} for row in self.proofs[table])
        return replace(self, proofs={**self.proofs, table: rows})

    def with_change(self, table: str, where: Mapping[str, Any], **facts: Any) -> Observed:
        """The same with other facts in some rows of a table."""
        return replace(self, changes=(*self.changes, Change(table, where, facts)))

    def rows(self) -> Rows:
        """The rows of every table."""
        answers = [*self._authoritative(), *self._resolved(), *self._mail_hosts()]
        own = {"zones": [self._zone()], "name_servers": self._servers(), "answers": answers, "history": self._history()}
        found = {**own, **{name: [*rows] for name, rows in self.proofs.items()}}
        for change in self.changes:
            found[change.table] = [change.applied(row) for row in found[change.table]]
        return {**found, "answers": [*found["answers"], *self._earlier(found["answers"])]}

    def _earlier(self, answers: Iterable[Row]) -> Iterable[Row]:
        """What the resolvers said in the rounds before, a minute apart."""
        for back in range(1, ROUNDS):
            for row in answers:
                if row["kind"] in ("resolver", "own") and row["domain"]:
                    other = {"data": ["v=DMARC1; p=reject"]} if self.wavers and row["role"] == "dmarc" and row["server"] == "Google" else {}
                    yield {**row, **other, "round": ROUNDS - back, "asked_at": _time(self.at - timedelta(minutes=back))}

    def _roles(self) -> Iterable[tuple[str, str, str, bool, Held]]:
        """Role, name, type, whether servers alone are asked, and what is held."""
        for role in ROLES:
            label = ".".join(filter(None, ("ctm-audit-0123" if role.random else "", role.label)))
            name = f"{label}.{self.domain}" if label else self.domain
            yield role.name, name, role.type, role.servers, self.held.get(role.name, Held())
        for selector, held in self.selectors.items():
            yield f"selector:{selector}", f"{selector}._domainkey.{self.domain}", "TXT", True, held

    def _authoritative(self) -> Iterable[Row]:
        for place, (server, ip) in enumerate(SERVERS):
            for role, name, kind, _, held in self._roles():
                own = self.second.get(role, held) if place else held
                common = {"vantage": f"{ip}:53", "server": f"{server}.example.net", "kind": "authoritative", "domain": self.domain}
                row = _answer(self.at, role, name, kind, own, self.outcomes.get(role, own.outcome))
                yield {**row, **common, "aa": True}
                if role == "soa":
                    yield {**row, **common, "aa": True, "way": "tcp", "transport": "tcp"}

    def _resolved(self) -> Iterable[Row]:
        for label, place in RESOLVERS:
            for role, name, kind, servers_only, held in self._roles():
                if not servers_only:
                    common = {"vantage": place, "server": label, "kind": _kind(place), "domain": self.domain}
                    own = replace(held, data=held.data or self._behind(kind)) if held.cname else held
                    yield {**_answer(self.at, role, name, kind, own, self.outcomes.get(role, own.outcome)), **common}

    def _behind(self, kind: str) -> tuple[str, ...]:
        """What stands behind a CNAME."""
        return {"A": (WEB_ADDRESS,), "TXT": (KEY_TEXT,)}.get(kind, ()) if self.resolved else ()

    def _mail_hosts(self) -> Iterable[Row]:
        for label, place in RESOLVERS:
            for host, addresses in self.hosts.items():
                common = {"vantage": place, "server": label, "kind": _kind(place), "domain": ""}
                tlsa = self.tlsa.get(host, ())
                wanted = (("host", host, "A", addresses), ("host", host, "AAAA", ()), ("tlsa", f"_25._tcp.{host}", "TLSA", tlsa))
                for role, name, kind, data in wanted:
                    held = Held(data)
                    yield {**_answer(self.at, role, name, kind, held, self.outcomes.get(role, held.outcome)), **common}

    def _zone(self) -> Row:
        names = [f"{server}.example.net" for server, _ in SERVERS]
        asked = {"parent_servers": ["a.gtld-servers.net: answer"], "asked_at": _time(self.at)}
        cut = {"domain": self.domain, "zone": self.domain, "parent": self.domain.partition(".")[2], "outcome": "answer"}
        return {**cut, **asked, "parent_ns": names, "child_ns": names, "child_outcome": "answer", "ds": [], "ds_outcome": "nodata"}

    def _servers(self) -> list[Row]:
        return [
            {
                "domain": self.domain,
                "server": f"{server}.example.net",
                "ip": ip,
                "vantage": f"{ip}:53",
                "in_parent": True,
                "in_child": True,
                "outcome": "answer",
                "is_asked": True,
            }
            for server, ip in SERVERS
        ]

    def _history(self) -> list[Row]:
        """A baseline ten days ago, and what has changed since."""
        told = {role: held for role, _, _, _, held in self._roles() if not role.startswith("random") and role not in ("soa", "dnskey")}
        told |= {"parent_ns": Held(tuple(f"{server}.example.net" for server, _ in SERVERS), ttl=0), "ds": Held(ttl=0)}
        return [row for role, held in told.items() for row in self._of_role(role, held)]

    def _of_role(self, role: str, held: Held) -> Iterable[Row]:
        old, then = self.before.get(role, held), self.at - timedelta(days=10)
        yield {**_state(self.domain, role, old, then), "is_baseline": True, "baseline_at": _time(then)}
        if old != held:
            yield _state(self.domain, role, held, self.at - self.ago)


def vantages(liars: Iterable[str] = ()) -> list[Row]:
    """The resolvers that were asked."""
    good = {"outcome": "answer", "is_honest": True, "has_edns": True, "votes": True, "detail": ""}
    lies = {"is_honest": False, "votes": False, "detail": "says of a name that does not exist: 192.0.2.99"}
    return [{"vantage": at, "label": label, "kind": _kind(at), **good, **(lies if at in liars else {})} for label, at in RESOLVERS]


def _kind(place: str) -> str:
    return "own" if place == OWN else "resolver"


def _state(domain: str, role: str, held: Held, since: datetime) -> Row:
    shown = {"data": sorted(held.data), "chain": [held.cname] if held.cname else [], "ttl": held.ttl if held.outcome == "answer" else 0}
    times = {"since": _time(since), "is_baseline": False, "baseline_at": "1970-01-01T00:00:00Z"}
    return {"domain": domain, "role": role, **shown, **times}


def _answer(at: datetime, role: str, name: str, kind: str, held: Held, outcome: str) -> Row:
    known = outcome in ("answer", "nodata", "nxdomain")
    chain = [held.cname] if held.cname and known else []
    data = sorted(held.data) if known else []
    return {
        "role": role,
        "name": name,
        "type": kind,
        "way": "plain",
        "round": ROUNDS,
        "outcome": outcome,
        "rcode": "NOERROR" if known else "",
        "aa": False,
        "ad": False,
        "transport": "udp",
        "ede": [],
        "data": chain if kind == "CNAME" else data,
        "chain": chain,
        "records": [],
        "ttl": held.ttl if outcome == "answer" else 0,
        "negative_ttl": LOW_TTL if role == "soa" or outcome == "nodata" else -1,
        "is_signed": False,
        "signed_until": "",
        "attempts": ["udp: NOERROR"] if known else ["udp: nothing"],
        "notes": [],
        "milliseconds": 20,
        "asked_at": _time(at),
        "wire": "",
        "sha256": "",
    }


def _time(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"
