"""The project: ctm-audit.toml and its mapping as plain values, or every fault of both files at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault, UsageError
from ctm_audit.exclusions import FILE_NAME as EXCLUDE_FILE
from ctm_audit.exclusions import NOBODY, Exclusions, mapped_too, read_exclusions
from ctm_audit.mapping import MappingTable, Reading, read_mapping
from ctm_audit.model import Step
from ctm_audit.name_servers import PUBLIC_RESOLVERS, NameServer
from ctm_audit.project_file import read_project_file
from ctm_audit.project_keys import day, moment
from ctm_audit.toml_file import NO_OVERRIDES, TomlFile

FILE_NAME = "ctm-audit.toml"
MOST_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Tenant:
    """One of the two tenants; `bundle` is the folder of its dated bundles.

    `signers` are the public keys of which one must have signed a bundle; none: any bundle is taken, and said to be as it is.
    """

    tenant_id: str
    initial_domain: str
    bundle: Path
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Migration:
    """How the mailboxes move; `license` is '' when none is planned. `probe`: how many test moves a kind of mailbox needs, 0 for all."""

    app_id: str
    endpoint: str
    delivery_domain: str
    license: str
    route: str
    last_completion: date | None
    probe: int = 3


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that moves from the source to the target tenant.

    `park` are the MX records, as `PREFERENCE HOST`, at which mail waits while no tenant has it, () when none are planned; with `queues`
    their hosts take mail and keep it, else they put senders off. `target_mx` are the MX records afterwards where those of Graph are
    not meant. `lowest_ttl` is the lowest TTL in seconds that the DNS provider gives. `park_at` and `end_at` (naive UTC) are the plan.
    """

    name: str
    mail_style: str
    park: tuple[str, ...] = ()
    queues: bool = False
    target_mx: tuple[str, ...] = ()
    lowest_ttl: int = 300
    park_at: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """A group of mailboxes that move together; times are naive UTC.

    `from_onmicrosoft` accepts that its people send from an onmicrosoft.com address until their domain has moved.
    """

    name: str
    pilot: bool
    submit_by: datetime | None
    complete_at: datetime | None
    with_domain_cutover: bool
    from_onmicrosoft: bool = False


@dataclass(frozen=True, slots=True)
class MailProbe:
    """How mail hosts are asked for recipients. `source` and `target` are addresses that only this tenant has.

    `sender` and `hello` are the mail address and the name by which the probe says who it is; `hosts` are asked beside those of MX.
    """

    sender: str
    hello: str
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dns:
    """Whom to ask about DNS, and how often. `bundle` is the folder of the dated bundles of observations.

    `own` are the operator's resolvers, None for those that this machine is set up with. Without `roots` the root servers of the
    internet are asked. `ports` gives, for an address, the port at which its name server listens, where that is not 53. Rates are
    questions a second to one address. Without `probe` no mail host is asked for anything; `messages` holds a folder for each domain
    with the messages that were received there.
    """

    bundle: Path
    resolvers: tuple[NameServer, ...] = PUBLIC_RESOLVERS
    own: tuple[NameServer, ...] | None = None
    roots: tuple[NameServer, ...] = ()
    selectors: tuple[str, ...] = ()
    resolver_rate: int = 20
    server_rate: int = 10
    ports: Mapping[str, int] = field(default_factory=dict)
    probe: MailProbe | None = None
    messages: Path | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """Everything the project file says, with paths made absolute and times naive UTC.

    `excluded` gives, for source keys that stay behind on purpose (folded), the reason. `digest` is the same for files that
    say the same, whatever their line ends, comments and order of keys.
    """

    path: Path
    root: Path
    name: str
    mapping: Path
    scope: str
    runs: Path
    as_of: datetime | None
    source: Tenant
    target: Tenant
    migration: Migration
    domains: tuple[Domain, ...]
    waves: tuple[Wave, ...]
    max_evidence_age: Mapping[Step, timedelta]
    cloud: str
    digest: str
    dns: Dns
    hosts: Mapping[str, str] = field(default_factory=dict)
    keep: str = "mapped"
    excluded: Mapping[str, str] = field(default_factory=dict)
    waivers: Path | None = None
    attestations: Path | None = None
    salt: Path | None = None

    def signers(self, side: str) -> tuple[str, ...]:
        """The public keys that may sign evidence of a side; observations of DNS need none."""
        return {"source": self.source.signers, "target": self.target.signers}.get(side, ())


def find_project(start: Path) -> Path:
    """The path of the nearest ctm-audit.toml in `start` or above it; UsageError when there is none."""
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / FILE_NAME).is_file():
            return candidate / FILE_NAME
    raise UsageError(f"There is no {FILE_NAME} in {folder} or above it.", hint="ctm-audit init, or name the file with --project")


def load_project(path: Path, overrides: Mapping[str, str] = NO_OVERRIDES) -> Project:
    """The project of a file, or of the folder that holds it; UsageError with every fault when anything is wrong."""
    file = _checked(path, overrides)
    exclusions = _exclusions_of(file)
    _refuse([*file.faults, *exclusions.faults])
    return _project(file, exclusions)


def load_mapping(project: Project) -> MappingTable:
    """The mapping of a project; UsageError with every fault when anything is wrong."""
    reading = read_mapping(project.mapping, tuple(wave.name for wave in project.waves))
    _refuse(reading.faults)
    return reading.table


def load(path: Path, overrides: Mapping[str, str] = NO_OVERRIDES) -> tuple[Project, MappingTable]:
    """Project and mapping; UsageError with the faults of all files together when anything is wrong."""
    file = _checked(path, overrides)
    reading, exclusions = _mapping_of(file), _exclusions_of(file)
    _refuse([*file.faults, *reading.faults, *exclusions.faults, *_both(file, exclusions, reading.table)])
    return _project(file, exclusions), reading.table


def parse_moment(text: str, name: str) -> datetime:
    """A point in time as naive UTC, given as ISO 8601 to the option `name`; without a zone it is UTC. UsageError when it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
        return moment(found if found.tzinfo else found.replace(tzinfo=UTC))
    except ValueError:
        raise UsageError(f"{name}: {text!r} is not a time.", hint=f"{name} 2027-01-02T20:00:00Z") from None


def parse_day(text: str, name: str) -> date:
    """A calendar day, given as ISO 8601 to the option `name`. UsageError when it is none."""
    try:
        return day(text)
    except ValueError:
        raise UsageError(f"{name}: {text!r} is not a date.", hint=f"{name} 2027-03-31") from None


def _checked(path: Path, overrides: Mapping[str, str]) -> TomlFile:
    where = path / FILE_NAME if path.is_dir() else path
    file = read_project_file(where.absolute(), overrides)
    for check in (_tenants_differ, _waves_are_sound, _domains_are_sound, _probe_is_sound):
        check(file)
    return file


def _mapping_of(file: TomlFile) -> Reading:
    """The mapping that the file names; waves are compared only when the file's own are in order."""
    name = file.values.get("project", {}).get("mapping", "mapping.csv")
    waves = file.values.get("wave", [])
    names = tuple(wave["name"] for wave in waves if "name" in wave)
    return read_mapping(file.path.parent / name, names if len(names) == len(waves) and file.digest else None)


def _exclude_file(file: TomlFile) -> Path:
    return file.path.parent / (file.values.get("project", {}).get("exclude") or EXCLUDE_FILE)


def _exclusions_of(file: TomlFile) -> Exclusions:
    """The exclusions of the file that the project names, or of exclude.csv where there is one."""
    path = _exclude_file(file)
    return read_exclusions(path) if path.exists() or file.values.get("project", {}).get("exclude") else NOBODY


def _both(file: TomlFile, exclusions: Exclusions, mapping: MappingTable) -> Iterator[Fault]:
    """The faults of source keys that are mapped and excluded."""
    if exclusions.lines:
        lines = {str(row["source_key"]): int(row["line"]) for row in mapping.rows.select(["source_key", "line"]).to_pylist()}
        yield from mapped_too(_exclude_file(file), exclusions, lines)


def _refuse(faults: Sequence[Fault]) -> None:
    """Raise UsageError naming the faults in the order of their places; nothing when there are none."""
    if not faults:
        return
    ordered = sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column))
    detail = [str(fault) for fault in ordered[:MOST_FAULTS]]
    if len(ordered) > MOST_FAULTS:
        detail.append(f"and {len(ordered) - MOST_FAULTS} more")
    places = "1 place" if len(ordered) == 1 else f"{len(ordered)} places"
    raise UsageError(f"The project file or the mapping is wrong in {places}.", detail=detail, hint="repair them and run the command again")


def _tenants_differ(file: TomlFile) -> None:
    source, target = file.values.get("source", {}), file.values.get("target", {})
    for name in ("tenant_id", "initial_domain", "bundle"):
        if name in source and source[name] == target.get(name):
            file.fault(("target", name), f"{name} is the same as in [source]; the two tenants must differ")


def _waves_are_sound(file: TomlFile) -> None:
    waves = file.values.get("wave", [])
    _refuse_twins(file, "wave", waves)
    for number, wave in enumerate(waves):
        submit_by, complete_at = wave.get("submit_by"), wave.get("complete_at")
        if submit_by and complete_at and complete_at <= submit_by:
            file.fault(("wave", number, "complete_at"), "complete_at must be later than submit_by")


def _domains_are_sound(file: TomlFile) -> None:
    domains = file.values.get("domain", [])
    _refuse_twins(file, "domain", domains)
    initial = [file.values.get(side, {}).get("initial_domain") for side in ("source", "target")]
    for number, domain in enumerate(domains):
        if domain.get("name") in initial:
            file.fault(("domain", number, "name"), f"{domain['name']} is the initial domain of a tenant; it cannot move")
        if domain.get("park_at") and domain.get("end_at") and domain["end_at"] <= domain["park_at"]:
            file.fault(("domain", number, "end_at"), "end_at must be later than park_at")


def _probe_is_sound(file: TomlFile) -> None:
    probe = file.values.get("dns", {}).get("probe", {})
    if any(probe.values()):
        for name in ("sender", "hello"):
            if probe.get(name) == "":
                file.fault(("dns", "probe"), f"[dns.probe] needs the key {name!r}: mail hosts want to know who asks", at_key=True)


def _refuse_twins(file: TomlFile, section: str, rows: list[dict[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        folded = row.get("name", "").casefold()
        if folded and folded in seen:
            first, _ = file.places.of_value((section, seen[folded], "name"))
            file.fault((section, number, "name"), f"[[{section}]] {row['name']!r} stands already in line {first}")
        seen.setdefault(folded, number)


def _project(file: TomlFile, exclusions: Exclusions) -> Project:
    values, root = file.values, file.path.parent
    named = values["project"]
    optional = {name: root / named[name] if named[name] else None for name in ("waivers", "attestations")}
    return Project(
        path=file.path,
        root=root,
        name=named["name"],
        mapping=root / named["mapping"],
        scope=named["scope"],
        keep=named["keep"] or ("all" if named["scope"] == "all" else "mapped"),
        salt=root / named["salt"],
        excluded=exclusions.reasons,
        runs=root / named["runs"],
        as_of=named["as_of"],
        source=_tenant(values["source"], root),
        target=_tenant(values["target"], root),
        migration=Migration(**values["migration"]),
        domains=tuple(Domain(**row) for row in values["domain"]),
        waves=tuple(Wave(**row) for row in values["wave"]),
        max_evidence_age={step: values["policy"]["max_evidence_age"][step.value] for step in Step},
        cloud=named["cloud"],
        dns=_dns(values["dns"], root),
        hosts=values["hosts"],
        digest=f"{file.digest}{exclusions.digest}",
        **optional,
    )


def _tenant(values: Mapping[str, Any], root: Path) -> Tenant:
    return Tenant(values["tenant_id"], values["initial_domain"], root / values["bundle"], values["signer"])


def _dns(values: Mapping[str, Any], root: Path) -> Dns:
    probe, messages = values["probe"], values["messages"]
    found = {"probe": MailProbe(**probe) if probe["sender"] else None, "messages": root / messages if messages else None}
    return Dns(**{**values, "bundle": root / values["bundle"], **found})
