"""The project file and the mapping of a scenario, commented as a careful migration lead would."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ctm_audit.evidence.relations.mapping_file import mapping_id
from ctm_audit.mapping import read_mapping
from ctm_audit.sim.scenario import Row, Scenario, Wave
from ctm_audit.sim.statements import objects_of

MAPPING = "mapping.csv"
SALT = "5a17" * 16 + "\n"  # the directories are invented, so it hides nobody

HEAD = """\
# The migration of Contoso's people to Fabrikam, as ctm-audit reads it. Paths are relative to this file.
# Everything here is invented: tenants, people, addresses and ids.

[project]
name    = {name}
mapping = "mapping.csv" # who becomes whom, and in which wave
scope   = {scope} # some of Contoso's mailboxes; with "all", every mailbox must be mapped or excluded with a reason
{statements}as_of   = {as_of} # the clock stands still, so that the example gives the same verdict every day

[source] # the tenant that owns the mailboxes today
tenant_id      = {source_id}
initial_domain = {source_domain}
bundle         = "evidence/source" # `ctm-audit import source source` puts what Contoso's admin exported here

[target] # the tenant that they move to
tenant_id      = {target_id}
initial_domain = {target_domain}
bundle         = "evidence/target"

[migration]
app_id          = {app_id} # the migration app: it belongs to the target tenant
endpoint        = {endpoint} # Get-MigrationEndpoint in the target
delivery_domain = {delivery_domain} # TargetDeliveryDomain: where moved mailboxes are reached from the source
license         = {license} # planned base license in the target
route           = {route} # mrs: migration batches in Exchange Online
last_completion = {last_completion}
"""
ATTESTATIONS = 'attestations = "attestations.toml" # what people state, because no evidence can tell it\n'
WAIVERS = 'waivers = "waivers.toml" # what people accept, for named objects and until a day\n'
ATTESTED = """
[[attestation]]
rule      = {rule}
statement = {statement}
objects   = {objects}
who       = {who}
role      = {role}
when      = {when}
expires   = {expires}
"""
WAIVED = """
[[waiver]]
rule    = {rule}
objects = {objects}
owner   = {owner}
reason  = {reason}
expires = {expires}
accepts_undetermined = {accepts_undetermined}
"""
DOMAIN = """
[[domain]] # moves from Contoso to Fabrikam after the last wave
name       = {name}
mail_style = "direct" # MX points to Exchange Online itself
park       = [{park}] # where mail waits while nobody has the domain
"""
WAVE = """
[[wave]]
name         = {name}
pilot        = {pilot}
submit_by    = {submit_by}
complete_at  = {complete_at}
with_domain_cutover = false
"""
POLICY = """
[policy] # evidence older than this is stale, and stale evidence leaves a gate undetermined
max_evidence_age = { assess = "30d", prepare = "7d", submit = "24h", complete = "1h" }
"""
OPTIONAL = ("upn", "primary", "final_upn", "final_primary", "license", "route")


def toml(scenario: Scenario) -> str:
    """The text of ctm-audit.toml."""
    migration = scenario.migration
    head = HEAD.format(
        name=_text(migration.name),
        scope=_text(migration.scope),
        statements=f"{ATTESTATIONS if scenario.stated else ''}{WAIVERS if scenario.waived else ''}",
        as_of=_time(migration.as_of),
        source_id=_text(scenario.source.tenant_id),
        source_domain=_text(scenario.source.initial_domain),
        target_id=_text(scenario.target.tenant_id),
        target_domain=_text(scenario.target.initial_domain),
        app_id=_text(migration.app_id),
        endpoint=_text(migration.endpoint),
        delivery_domain=_text(migration.delivery_domain),
        route=_text(migration.route),
        license=_text(migration.license),
        last_completion=max(wave.complete_at for wave in migration.waves).date().isoformat(),
    )
    domains = [DOMAIN.format(name=_text(name), park=_text(f"10 {parked_host(name)}")) for name in migration.moving_domains]
    return "".join((head, *domains, *map(_wave, migration.waves), POLICY))


def parked_host(domain: str) -> str:
    """The host where mail of a domain waits: the provider gives each customer a name."""
    return f"{domain.replace('.', '-')}.park.example.net"


def mapping(scenario: Scenario) -> str:
    """The text of mapping.csv, with the optional columns that some row uses."""
    used = [name for name in OPTIONAL if any(getattr(row, name) for row in scenario.rows)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("source", "target", "wave", *used))
    writer.writerows(_cells(row, used) for row in scenario.rows)
    return out.getvalue()


def _mapping_id(scenario: Scenario) -> str:
    """The id by which an approval names the mapping: what it says decides, not the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, MAPPING)
        path.write_text(mapping(scenario), encoding="utf-8", newline="\n")
        return mapping_id(MAPPING, read_mapping(path, None).table.digest)


def attestations(scenario: Scenario) -> str:
    """The text of attestations.toml."""
    waves, sources = [wave.name for wave in scenario.migration.waves], [row.source for row in scenario.rows]
    named = [
        (record, objects_of(record, waves, scenario.migration.moving_domains, sources, _mapping_id(scenario))) for record in scenario.stated
    ]
    return "# What people state, because no evidence can tell it.\n" + "".join(
        ATTESTED.format(
            rule=_text(record.rule),
            statement=_text(record.statement),
            objects=_texts(objects),
            who=_text(record.who),
            role=_text(record.role),
            when=record.when,
            expires=record.expires,
        )
        for record, objects in named
        if objects
    )


def waivers(scenario: Scenario) -> str:
    """The text of waivers.toml."""
    return "# What people accept, for named objects and until a day.\n" + "".join(
        WAIVED.format(
            rule=_text(record.rule),
            objects=_texts([scenario.rows[row].source for row in record.rows]),
            owner=_text(record.owner),
            reason=_text(record.reason),
            expires=record.expires,
            accepts_undetermined=str(record.accepts_undetermined).lower(),
        )
        for record in scenario.waived
    )


def exclude(scenario: Scenario) -> str:
    """The text of exclude.csv."""
    return "".join(f"{line}\n" for line in ("source,reason", *(f"{key},{reason}" for key, reason in scenario.migration.excluded)))


def lock(scenario: Scenario) -> str:
    """The text of mapping.lock."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(("side", "key", "object_id", "exchange_guid"))
    writer.writerows((line.side, line.key.casefold(), line.object_id, line.exchange_guid) for line in scenario.locked)
    return out.getvalue()


def _cells(row: Row, used: list[str]) -> list[str]:
    return [row.source, row.target, row.wave, *(getattr(row, name) for name in used)]


def _wave(wave: Wave) -> str:
    return WAVE.format(
        name=_text(wave.name),
        pilot=str(wave.pilot).lower(),
        submit_by=_time(wave.submit_by),
        complete_at=_time(wave.complete_at),
    )


def _text(value: str) -> str:
    """A TOML basic string; JSON escapes the same characters the same way."""
    return json.dumps(value, ensure_ascii=False)


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _time(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"
