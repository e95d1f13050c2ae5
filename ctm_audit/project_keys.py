"""Every key of ctm-audit.toml: what it may hold and what it is when absent. What is not listed here is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ctm_audit.model import Step
from ctm_audit.name_servers import PUBLIC_RESOLVERS, NameServer, parse_name_server

# Bleu and Delos are missing: reference/clouds.toml knows their hosts, but no PowerShell environment by which to sign in there.
CLOUDS = ("worldwide", "gcc", "gcc-high", "dod", "china")
ROUTES = ("mrs", "orchestrator")
SCOPES = ("subset", "all")
KEEPS = ("mapped", "all")
MAIL_STYLES = ("direct", "gateway", "hybrid")
MAX_EVIDENCE_AGE = {
    Step.ASSESS: timedelta(days=30),
    Step.PREPARE: timedelta(days=7),
    Step.SUBMIT: timedelta(hours=24),
    Step.COMPLETE: timedelta(hours=1),
    Step.VERIFY: timedelta(hours=24),
    Step.LOWER_TTL: timedelta(hours=24),
    Step.PARK: timedelta(hours=1),
    Step.REMOVE_DOMAIN: timedelta(hours=1),
    Step.VERIFY_DOMAIN: timedelta(hours=1),
    Step.UN_PARK: timedelta(hours=1),
    Step.DONE: timedelta(hours=1),
    Step.CLOSE_DOMAIN: timedelta(hours=24),
    Step.CLOSE: timedelta(hours=24),
}
LONGEST_AGE = timedelta(days=366)

SECRET = re.compile(r"secret|passw|passphrase|pwd|token|credential|private[_-]?key|api[_-]?key|connection[_-]?string", re.IGNORECASE)
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
DOMAIN = re.compile(rf"(?=.{{1,253}}$){LABEL}(?:\.{LABEL})+")
SELECTOR = re.compile(rf"{LABEL}(?:\.{LABEL})*")
ADDRESS = re.compile(r"[!-;=?-~]{1,64}@[a-z0-9._-]{1,253}")
MX = re.compile(rf"(?:([0-9]{{1,5}}) +)?((?=.{{1,253}}$){LABEL}(?:\.{LABEL})+)\.?")
DURATION = re.compile(r"([0-9]{1,6})([dhm])")
PROBE = re.compile(r"all|sample:([1-9][0-9]{0,5})")
PUBLIC_KEY = re.compile(r"ed25519:[0-9a-f]{64}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (datetime, "a time"),
    (date, "a date"),
    (time, "a time of day"),
    (list, "an array"),
    (dict, "a table"),
)

Reader = Callable[[Any], Any]
REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `read` returns its value or raises ValueError with what is wrong; without `default` it must be there."""

    read: Reader
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True)
class Table:
    """One table, or with `many` an array of tables; `others` reads the keys that are not listed."""

    keys: Mapping[str, Key | Table] = field(default_factory=dict)
    many: bool = False
    others: Key | None = None


def kind_of(value: Any) -> str:
    """What a TOML value is, in plain words."""
    return next(words for kind, words in KINDS if isinstance(value, kind))


def text(value: Any) -> str:
    """A text that is not empty, without blanks around it and without control characters."""
    if not isinstance(value, str):
        raise ValueError(f"text in quotes is needed, this is {kind_of(value)}")
    if not value.strip():
        raise ValueError("must not be empty")
    if not value.isprintable():
        raise ValueError("must not hold control characters or invisible ones")
    return value.strip()


def guid(value: Any) -> str:
    """A GUID in lower case; the zero GUID is nobody's."""
    found = text(value).lower()
    if not GUID.fullmatch(found):
        raise ValueError("this is not a GUID such as 11111111-2222-3333-4444-555555555555")
    if not found.strip("0-"):
        raise ValueError("the zero GUID is no id")
    return found


def domain(value: Any) -> str:
    """A DNS domain in lower case, in its xn-- form when international."""
    found = text(value).lower()
    if not found.isascii():
        raise ValueError(f"{found[:60]!r} must be written in its xn-- form")
    if not DOMAIN.fullmatch(found):
        raise ValueError(f"{found[:60]!r} is not a domain such as contoso.onmicrosoft.com")
    return found


def domains(value: Any) -> tuple[str, ...]:
    """Hosts, each once, sorted; a final dot is dropped."""
    return tuple(sorted({domain(member.rstrip(".")) for member in texts(value)}))


def mail_hosts(value: Any) -> tuple[str, ...]:
    """MX records as `PREFERENCE HOST`, folded, each once, sorted; a host alone has the preference 10."""
    found = [(member, MX.fullmatch(member.lower())) for member in texts(value)]
    for member, match in found:
        if not match:
            raise ValueError(f"{member[:60]!r} is no mail host such as 10 park.example.net")
    return tuple(sorted({f"{match[1] or 10} {match[2]}" for _, match in found if match}))


def seconds(value: Any) -> int:
    """A TTL."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 86_400:
        raise ValueError("a TTL is a number of seconds between 1 and 86400")
    return value


def one_of(*choices: str) -> Reader:
    """A reader that takes one of the choices, in any letter case."""

    def choice(value: Any) -> str:
        found = text(value).lower()
        if found not in choices:
            raise ValueError(f"{found[:60]!r} is none of {', '.join(choices)}")
        return found

    return choice


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"true or false is needed, this is {kind_of(value)}")
    return value


def moment(value: Any) -> datetime:
    """A point in time as naive UTC; it must carry a zone. Text is read as ISO 8601."""
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{value[:60]!r} is not a time such as 2027-01-02T20:00:00Z") from None
    if not isinstance(found, datetime):
        raise ValueError(f"a time such as 2027-01-02T20:00:00Z is needed, this is {kind_of(found)}")
    if found.tzinfo is None:
        raise ValueError("the time needs a zone: write Z for UTC, or an offset such as +01:00")
    try:
        return found.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("the time lies outside the calendar") from None


def probe(value: Any) -> int:
    """How many test moves each kind of mailbox needs; 0 for `all`."""
    found = PROBE.fullmatch(text(value).lower())
    if not found:
        raise ValueError(f"{value[:60]!r} is neither all nor a sample such as sample:3")
    return int(found[1] or 0)


def day(value: Any) -> date:
    """A calendar day. Text is read as ISO 8601."""
    try:
        found = date.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{value[:60]!r} is not a date such as 2027-01-31") from None
    if isinstance(found, datetime) or not isinstance(found, date):
        raise ValueError(f"a date such as 2027-01-31 is needed, this is {kind_of(found)}")
    return found


def age(value: Any) -> timedelta:
    """A duration in days, hours or minutes, at most a year."""
    found = DURATION.fullmatch(text(value))
    if not found:
        raise ValueError(f"{value[:60]!r} is not a duration such as 30d, 24h or 90m")
    unit = {"d": "days", "h": "hours", "m": "minutes"}[found[2]]
    length = timedelta(**{unit: int(found[1])})
    if not timedelta(0) < length <= LONGEST_AGE:
        raise ValueError(f"the duration must be between 1m and {LONGEST_AGE.days}d")
    return length


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts; a text is split at its commas, for variables."""
    members = value.split(",") if isinstance(value, str) else value
    if not isinstance(members, list):
        raise ValueError(f"an array of texts is needed, this is {kind_of(value)}")
    return tuple(text(member) for member in members)


def public_keys(value: Any) -> tuple[str, ...]:
    """One public key or a list of them, as `ctm-audit bundle keygen` prints them."""
    found = tuple(member.lower() for member in texts(value))
    if not found:
        raise ValueError("name at least one public key, or leave the key out")
    for member in found:
        if not PUBLIC_KEY.fullmatch(member):
            raise ValueError(f"{member[:60]!r} is not a public key: ed25519: and 64 hexadecimal digits")
    return found


def variable(value: Any) -> str:
    """The name of an environment variable, never its value."""
    found = text(value)
    if not VARIABLE.fullmatch(found):
        raise ValueError("must be the name of an environment variable, not what it holds")
    return found


def port(value: Any) -> int:
    """A TCP port."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise ValueError("a port is a number between 1 and 65535")
    return value


def name_servers(value: Any) -> tuple[NameServer, ...]:
    """Name servers, each an address with or without a port, and a name before it."""
    return tuple(parse_name_server(member) for member in texts(value))


def own_resolvers(value: Any) -> tuple[NameServer, ...] | None:
    """The operator's own resolvers; None for those that this machine is set up with (`system`)."""
    return None if isinstance(value, str) and value.strip().lower() == "system" else name_servers(value)


def labels(value: Any) -> tuple[str, ...]:
    """DKIM selectors: names that stand before `._domainkey`, folded."""
    found = tuple(member.lower() for member in texts(value))
    for member in found:
        if not SELECTOR.fullmatch(member):
            raise ValueError(f"{member[:60]!r} is no selector such as selector3")
    return found


def address(value: Any) -> str:
    """A mail address in lower case, as SMTP can carry it."""
    found = text(value).lower()
    if not ADDRESS.fullmatch(found):
        raise ValueError(f"{found[:60]!r} is no mail address such as probe@example.net")
    return found


def addresses(value: Any) -> tuple[str, ...]:
    """Mail addresses."""
    return tuple(map(address, texts(value)))


def rate(value: Any) -> int:
    """Questions a second."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 100_000:
        raise ValueError("a rate is a number of questions a second between 1 and 100000")
    return value


def _tenant(side: str) -> Table:
    sign_in = {"method": Key(text, ""), "client_id": Key(guid, ""), "certificate": Key(text, ""), "variable": Key(variable, "")}
    return Table(
        {
            "tenant_id": Key(guid),
            "initial_domain": Key(domain),
            "bundle": Key(text, f"evidence/{side}"),
            "signer": Key(public_keys, ()),
            "sign_in": Table(sign_in),
        }
    )


WAVE = {
    "name": Key(text),
    "pilot": Key(flag, False),
    "submit_by": Key(moment, None),
    "complete_at": Key(moment, None),
    "with_domain_cutover": Key(flag, False),
    "from_onmicrosoft": Key(flag, False),
}
FILE = Table(
    {
        "project": Table(
            {
                "name": Key(text),
                "mapping": Key(text, "mapping.csv"),
                "scope": Key(one_of(*SCOPES), "subset"),
                "exclude": Key(text, None),
                "keep": Key(one_of(*KEEPS), None),
                "salt": Key(text, "ctm-audit.salt"),
                "waivers": Key(text, None),
                "attestations": Key(text, None),
                "runs": Key(text, "runs"),
                "as_of": Key(moment, None),
                "cloud": Key(one_of(*CLOUDS), "worldwide"),
            }
        ),
        "source": _tenant("source"),
        "target": _tenant("target"),
        "migration": Table(
            {
                "app_id": Key(guid),
                "endpoint": Key(text),
                "delivery_domain": Key(domain),
                "license": Key(text, ""),
                "route": Key(one_of(*ROUTES), "mrs"),
                "last_completion": Key(day, None),
                "probe": Key(probe, 3),
            }
        ),
        "domain": Table(
            {
                "name": Key(domain),
                "mail_style": Key(one_of(*MAIL_STYLES)),
                "park": Key(mail_hosts, ()),
                "queues": Key(flag, False),
                "target_mx": Key(mail_hosts, ()),
                "lowest_ttl": Key(seconds, 300),
                "park_at": Key(moment, None),
                "end_at": Key(moment, None),
            },
            many=True,
        ),
        "wave": Table(WAVE, many=True),
        "dns": Table(
            {
                "bundle": Key(text, "evidence/dns"),
                "resolvers": Key(name_servers, PUBLIC_RESOLVERS),
                "own": Key(own_resolvers, None),
                "roots": Key(name_servers, ()),
                "selectors": Key(labels, ()),
                "resolver_rate": Key(rate, 20),
                "server_rate": Key(rate, 10),
                "messages": Key(text, None),
                "ports": Table(others=Key(port)),
                "probe": Table(
                    {
                        "sender": Key(address, ""),
                        "hello": Key(domain, ""),
                        "source": Key(addresses, ()),
                        "target": Key(addresses, ()),
                        "hosts": Key(domains, ()),
                    }
                ),
            }
        ),
        "hosts": Table(others=Key(text)),
        "policy": Table({"max_evidence_age": Table({step.value: Key(age, default) for step, default in MAX_EVIDENCE_AGE.items()})}),
    }
)
