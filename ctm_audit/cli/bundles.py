"""`ctm-audit bundle`: list, show and verify bundles of evidence; what leaves the desk is in `cli.bundle_files`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ctm_audit.cli import console
from ctm_audit.cli.bundle_files import decrypt, export, keygen, sign
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.errors import EXIT_OK, EvidenceGap, Refused, UsageError
from ctm_audit.model import FORMAT_VERSION

if TYPE_CHECKING:
    from ctm_audit.evidence.bundle import Bundle
    from ctm_audit.evidence.gaps import Gap
    from ctm_audit.evidence.tables import Table

path_argument = click.argument("path", required=False, type=click.Path(path_type=Path))
NOT_SIGNED = "Not signed: the digest is proof against accidents, not against exchange."


@click.group()
@no_input_option
def bundle() -> None:
    """List, show and verify bundles of evidence; sign them and send them.

    PATH is a bundle (a folder or its zip) or a folder of bundles; without it, the project's folders of both sides and of DNS.
    """


for command in (export, decrypt, sign, keygen):
    bundle.add_command(command)


@bundle.command("list")
@path_argument
@project_option
@json_option
def list_(path: Path | None, project: Path | None, as_json: bool) -> int:
    """Print the bundles of each folder, newest first; the first one is used."""
    from ctm_audit.evidence.manifest import read_manifest

    found = [read_manifest(place) for place in _places(path, project)]
    _remind(found)
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "bundles": [bundle_document(one) for one in found]})
    else:
        console.echo_answer("\n".join(_line(one) for one in found))
    return EXIT_OK


@bundle.command()
@path_argument
@project_option
@json_option
def show(path: Path | None, project: Path | None, as_json: bool) -> int:
    """Print what the newest bundle of each folder holds and what it lacks, with the line that exports it."""
    from ctm_audit.evidence.bundle import open_bundle
    from ctm_audit.evidence.gaps import gaps_of

    found = [open_bundle(places[0]) for places in _folders(path, project) if places]
    _refuse_none(found)
    _remind(found)
    if as_json:
        documents = [bundle_document(one) | {"gaps": gap_documents(gaps_of(one))} for one in found]
        console.echo_json({"format_version": FORMAT_VERSION, "bundles": documents})
        return EXIT_OK
    for one in found:
        console.echo_answer("\n".join([*_facts(one), "", *table_lines(one), "", *gap_lines(gaps_of(one))]))
    return EXIT_OK


@bundle.command()
@path_argument
@project_option
@click.option("--key", help="The public key that must have signed; else the project's `signer`.")
@json_option
def verify(path: Path | None, project: Path | None, key: str | None, as_json: bool) -> int:
    """Compare every byte of every bundle with its manifest, and say who signed it.

    Exit code 5 when one was changed, or is not signed by the key that is asked for.
    """
    from ctm_audit.evidence.bundle import open_bundle, untrusted

    asked = _asked(path, project, key)
    sound: list[Bundle] = []
    faults: list[str] = []
    for place in _places(path, project):
        try:
            sound.append(open_bundle(place))
        except Refused as refusal:
            faults += [f"damaged: {refusal.summary}", *(f"  {line}" for line in refusal.detail)]
    faults += [fault for one in sound if (fault := untrusted(one, asked.get(one.side, ())))]
    if faults:
        raise Refused("A bundle is not as it was made, or not signed as asked.", detail=faults, hint="get it again from where it was made")
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "sound": [bundle_document(one) for one in sound]})
        return EXIT_OK
    console.echo_answer("\n".join(f"sound: {one.path.name} {one.digest} {_signature(one, asked)}" for one in sound))
    if not all(one.signed for one in sound):
        console.note(NOT_SIGNED)
    return EXIT_OK


def _asked(path: Path | None, project: Path | None, key: str | None) -> dict[str, tuple[str, ...]]:
    """The public keys that must have signed, a side each; a bundle that is named is compared with no project unless that is named too."""
    from ctm_audit import api
    from ctm_audit.project_keys import public_keys

    try:
        given = public_keys(key) if key else ()
    except ValueError as fault:
        raise UsageError(f"--key: {fault}", hint="ctm-audit bundle verify --key ed25519:…") from None
    if given or (path and not project):
        return {"source": given, "target": given}
    opened = api.open_project_file(project)
    return {"source": opened.source.signers, "target": opened.target.signers}


def _signature(one: Bundle, asked: Mapping[str, tuple[str, ...]]) -> str:
    """Who signed it, and whether that is a key that somebody named."""
    if not one.signed:
        return "unsigned"
    return f"signed by {one.signer} ({'known' if one.signer in asked.get(one.side, ()) else 'unknown: nobody has named this key'})"


def _remind(found: Sequence[Bundle]) -> None:
    """Tell on stderr which bundles were to be deleted."""
    from ctm_audit.evidence.bundle import overdue

    for sentence in filter(None, (overdue(one, date.today()) for one in found)):
        console.note(sentence)


def _folders(path: Path | None, project: Path | None) -> list[list[Path]]:
    """The bundles of each folder in question, newest first."""
    from ctm_audit import api
    from ctm_audit.evidence.bundle import list_bundles

    if path:
        return [list_bundles(path)]
    opened = api.open_project_file(project)
    return [list_bundles(side.bundle) for side in (opened.source, opened.target, opened.dns)]


def _places(path: Path | None, project: Path | None) -> list[Path]:
    """All bundles in question. Raises EvidenceGap when there is none."""
    found = [place for places in _folders(path, project) for place in places]
    _refuse_none(found)
    return found


def _refuse_none(found: list[Any]) -> None:
    if not found:
        raise EvidenceGap("There is no bundle.", hint="ctm-audit import source PATH, with the exported files")


def _line(one: Bundle) -> str:
    from ctm_audit.evidence.gaps import gaps_of

    lacking = len({gap.table for gap in gaps_of(one)})
    state = f"gaps in {lacking} of {len(one.tables) + len(one.absent)} tables" if lacking else "complete"
    signed = "signed" if one.signed else "unsigned"
    return f"{one.path.name}  {_whose(one)}  {state}  {signed}"


def _whose(one: Bundle) -> str:
    return "name servers and resolvers" if one.side == "dns" else one.initial_domain or one.tenant_id or "tenant not stated"


def _facts(one: Bundle) -> list[str]:
    return [
        f"bundle        {one.path}",
        _tenant_line(one),
        f"collected at  {one.collected_at:%Y-%m-%d %H:%M:%S} UTC ({one.collected_how})",
        f"digest        {one.digest}",
        f"made by       ctm-audit {one.tool_version}",
        f"signature     {f'signed by {one.signer}' if one.signed else NOT_SIGNED}",
        f"delete after  {one.delete_after or 'not said'}",
        f"holds         {_scope(one)}",
    ]


def _tenant_line(one: Bundle) -> str:
    if one.side == "dns":
        return f"side          dns: {_whose(one)}"
    return f"tenant        {one.side} {one.initial_domain} {one.tenant_id or '(the export does not say which)'}"


def _scope(one: Bundle) -> str:
    """Whose facts it holds, and how many others there are."""
    from ctm_audit.evidence.tables import TABLES

    if one.scope is None:
        return "facts of everybody who was exported"
    others = ", ".join(f"{TABLES[name].command} {count:,}" for name, count in one.scope.left_out.items() if name in TABLES)
    return f"facts of the people of the mapping ({one.scope.keys:,} keys){f'; left out: {others}' if others else ''}"


def table_lines(one: Bundle) -> Iterator[str]:
    """The tables of a bundle, one a line: command, rows, and whether it is complete, else why not."""
    from ctm_audit.evidence.tables import TABLES, evidence_of

    width = max(len(table.command) for table in TABLES.values())
    yield f"{'table':<{width}}  {'rows':>9}  complete"
    for table in evidence_of(one.side):
        entry = one.tables.get(table.name)
        yield console.fitted(f"{table.command:<{width}}  {f'{entry.rows:,}' if entry else '-':>9}  {_state(one, table)}", hang=6)


def _state(one: Bundle, table: Table) -> str:
    """Whether a table is complete, else what it lacks; harmless notes in brackets."""
    entry = one.tables.get(table.name)
    if entry is None:
        return f"not collected: {one.absent[table.name]}"
    lacking = [] if entry.complete else [f"no: {entry.reason}"]
    lacking += [f"without {', '.join(dict.fromkeys(table.column(name).property for name in entry.missing))}"] if entry.missing else []
    state = "; ".join([*lacking, *entry.holes]) or "yes"
    return f"{state} ({'; '.join(entry.notes)})" if entry.notes else state


def gap_lines(gaps: Sequence[Gap]) -> Iterator[str]:
    """What is lacking, each with what it costs and the line that exports it; nothing when nothing is."""
    from ctm_audit import api

    if gaps:
        yield f"Gaps ({len(gaps)}), each with what it costs and the line that closes it:"
        for gap, rules in zip(gaps, api.rules_that_need(gaps), strict=True):
            yield console.fitted(f"  {gap.command}: {gap.what}", hang=6)
            yield console.fitted(f"      undetermined: {', '.join(rules) or 'no rule of this version'}", hang=6)
            yield f"      {gap.export}"
        yield ""


def gap_documents(gaps: Sequence[Gap]) -> list[dict[str, Any]]:
    """Gaps as `--json` prints them."""
    from ctm_audit import api

    return [
        {"table": gap.table, "command": gap.command, "what": gap.what, "export": gap.export, "rules": list(rules)}
        for gap, rules in zip(gaps, api.rules_that_need(gaps), strict=True)
    ]


def bundle_document(one: Bundle) -> dict[str, Any]:
    """A bundle as `--json` prints it: its manifest, its folder or zip, its digest and who signed it."""
    from ctm_audit.evidence.manifest import document_of

    return {"path": str(one.path), "digest": one.digest, "signer": one.signer or None, **document_of(one)}
