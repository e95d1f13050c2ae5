"""What bundles of observations say of domains over time: every round of every bundle, record set by record set, and by whom it was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq

from ctm_audit.dns.caches import Sight, Version
from ctm_audit.dns.mta_sts import MODES, SeenPolicy, StsPolicy
from ctm_audit.dns.planned_roles import TYPES, name_of
from ctm_audit.evidence.bundle import Bundle

KNOWN = ("answer", "nodata", "nxdomain")
HIDDEN = "(looks like a secret"
COLUMNS = (
    *("vantage", "server", "kind", "domain", "role", "name", "way", "round", "outcome", "records", "ttl", "negative_ttl"),
    *("asked_at", "transport", "rcode", "notes", "sha256"),
)
Row = dict[str, Any]
_REMEMBERED: dict[tuple[str, str, str], tuple[Round, ...]] = {}


@dataclass(frozen=True, slots=True)
class Told:
    """What one server or resolver told of one record set. `version` is None when it did not say; `outcome` tells why."""

    vantage: str
    server: str
    kind: str
    role: str
    at: datetime
    outcome: str
    version: Version | None
    ttl: int | None
    """Seconds that a cache still keeps the answer: what a resolver says counts down."""
    detail: str = ""

    @property
    def is_authoritative(self) -> bool:
        """True for a server of the zone, false for a resolver."""
        return self.kind == "authoritative"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one observation of a domain; `at` is when the last answer of a server came, naive UTC."""

    bundle: str
    number: int
    at: datetime
    told: tuple[Told, ...]

    def sight(self, role: str) -> Sight:
        """What the authoritative servers held of a role."""
        found = [one for one in self.told if one.role == role and one.is_authoritative]
        return Sight(max((one.at for one in found), default=self.at), tuple(one.version for one in found))


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that the bundles say of a domain: its rounds from the oldest on, and the MTA-STS policies that were served.

    `policies` is None when the newest observation could not see whether there is one. `votes` names the resolvers that may be believed.
    `baseline_at` is when an observation was made the baseline (`dns observe --baseline`); None when nobody did, and the first one is it.
    """

    domain: str
    rounds: tuple[Round, ...]
    policies: tuple[SeenPolicy, ...] | None
    votes: frozenset[str] = frozenset()
    baseline_at: datetime | None = None
    newest: Bundle | None = None
    """The bundle with the newest round."""

    def baseline(self, role: str) -> Sight | None:
        """What the servers held of a role in the baseline."""
        return next((sight for sight in self.history(role) if self.baseline_at is None or sight.at >= self.baseline_at), None)

    def history(self, role: str) -> tuple[Sight, ...]:
        """What the servers held of a role, from the oldest sight on; an observation that did not ask for it is none."""
        return tuple(sight for one in self.rounds if (sight := one.sight(role)).held)


def observed(bundles: Sequence[Bundle], domain: str) -> Observed:
    """What the bundles, oldest first, say of a domain."""
    by_time = {one.at: one for bundle in bundles for one in _rounds(bundle, domain)}  # bundles hold the rounds before theirs too
    rounds = [by_time[at] for at in sorted(by_time)]
    newest = next((bundle for bundle in bundles if rounds and bundle.name == rounds[-1].bundle), None)
    votes = [row["vantage"] for row in _rows(newest, "vantages", ("vantage", "votes")) if row["votes"]] if newest else []
    return Observed(domain, tuple(rounds), _policies(bundles, domain, rounds), frozenset(votes), _baseline_at(bundles, domain), newest)


def _baseline_at(bundles: Sequence[Bundle], domain: str) -> datetime | None:
    rows = _rows(bundles[-1], "history", ("domain", "is_baseline", "baseline_at"), domain) if bundles else []
    return max((row["baseline_at"] for row in rows if row["is_baseline"]), default=None)


def _rounds(bundle: Bundle, domain: str) -> tuple[Round, ...]:
    """The rounds of a bundle. Whoever watches asks for the same bundles again and again, and their names hold their digests."""
    key = (str(bundle.path), bundle.digest, domain)
    if key not in _REMEMBERED:
        _REMEMBERED[key] = tuple(_read_rounds(bundle, domain))
    return _REMEMBERED[key]


def _read_rounds(bundle: Bundle, domain: str) -> list[Round]:
    rows = _rows(bundle, "answers", COLUMNS, domain)
    told: dict[int, list[Told]] = {}
    for row in rows:
        if row["role"] in TYPES and row["way"] == "plain" and row["kind"] != "referral" and row["asked_at"] is not None:
            told.setdefault(row["round"], []).append(_told(row, domain))
    return [Round(bundle.name, number, max(one.at for one in each), tuple(each)) for number, each in sorted(told.items())]


def _rows(bundle: Bundle, table: str, columns: Sequence[str], domain: str = "") -> list[Row]:
    """The rows of a table; none when the bundle lacks it or one of the columns."""
    entry = bundle.tables.get(table)
    if entry is None or not set(columns) <= set(entry.columns):
        return []
    rows: list[Row] = pq.read_table(bundle.parquet(table), columns=list(columns)).to_pylist()
    return [row for row in rows if not domain or row["domain"] == domain]


def _told(row: Row, domain: str) -> Told:
    records, ttl = _records(row, name_of(row["role"], domain))
    is_known = row["outcome"] in KNOWN
    lasts = ttl if records else None if row["negative_ttl"] is None or row["negative_ttl"] < 0 else row["negative_ttl"]
    return Told(
        vantage=row["vantage"],
        server=row["server"],
        kind=row["kind"],
        role=row["role"],
        at=row["asked_at"],
        outcome=row["outcome"],
        version=Version(records, lasts) if is_known else None,
        ttl=lasts if is_known else None,
        detail="; ".join(filter(None, (row["rcode"], row["transport"], *(row["notes"] or ())))),
    )


def _records(row: Row, name: str) -> tuple[tuple[str, ...], int | None]:
    """The records that stand at the very name, as `TYPE DATA`, and the longest TTL among them."""
    found, ttls = [], []
    for line in row["records"] or ():
        if line.startswith(HIDDEN):
            found.append(f"TXT {line}")
            ttls.append(int(row["ttl"]))
            continue
        owner, ttl, kind, *data = line.split(" ", 3)  # an empty text has no data
        if owner == name and kind != "RRSIG":
            found.append(" ".join((kind, *data)))
            ttls.append(int(ttl))
    return tuple(sorted(found)), max(ttls, default=None)


def _policies(bundles: Iterable[Bundle], domain: str, rounds: Sequence[Round]) -> tuple[SeenPolicy, ...] | None:
    """The policies that were served, oldest first; () when no server has a record that could name one."""
    columns = ("domain", "outcome", "mode", "max_age", "mx", "asked_at")
    rows = [row for bundle in bundles for row in _rows(bundle, "sts_policies", columns, domain)]
    found = [_policy(row) for row in rows if row["outcome"] == "served" and row["mode"] in MODES]
    newest = rows[-1]["outcome"] if rows else ""
    if newest in ("served", "not_found", "not_asked") or (found and newest not in ("", "unreachable")):
        return tuple(found)
    is_absent = bool(rounds) and rounds[-1].sight("mta_sts").shows(lambda version: not version.records)
    return tuple(found) if is_absent else None


def _policy(row: Row) -> SeenPolicy:
    return SeenPolicy(StsPolicy(next(mode for mode in MODES if mode == row["mode"]), row["max_age"], tuple(row["mx"])), row["asked_at"])
