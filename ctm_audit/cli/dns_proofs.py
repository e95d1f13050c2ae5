"""`ctm-audit dns owners|messages`: whose a domain is in every cloud, and what delivered messages prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.errors import EXIT_OK, EXIT_UNDETERMINED, UsageError
from ctm_audit.model import FORMAT_VERSION

if TYPE_CHECKING:
    from ctm_audit.dns.headers import Delivered
    from ctm_audit.dns.openid import Tenancy
    from ctm_audit.dns.proofs import Owners
    from ctm_audit.dns.realm import Realm
    from ctm_audit.project import Project

NOBODY = "nobody's"


@click.command()
@click.argument("domains", nargs=-1, required=True)
@project_option
@json_option
@no_input_option
def owners(domains: tuple[str, ...], project: Path | None, as_json: bool) -> int:
    """Ask the sign-in host of every cloud which tenant has each DOMAIN, and how its people sign in. Nobody signs in for it.

    Exit code 0 when every host said whose the domain is or that it is nobody's, 3 when one did not.
    """
    from ctm_audit.dns.asking_web import open_web
    from ctm_audit.dns.loop import finished
    from ctm_audit.dns.proof_rows import joined, owner_rows
    from ctm_audit.dns.proofs import find_owners
    from ctm_audit.reference import load_reference

    names, opened = _names(domains), _project(project)
    web, clouds = open_web(opened), tuple(load_reference().clouds.values())

    async def ask_all() -> list[Owners]:
        return [await find_owners(name, clouds, web) for name in names]

    found = finished(ask_all())
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, **joined(owner_rows(one) for one in found)})
    else:
        for one in found:
            _show_owners(one, _sides(opened))
    return EXIT_OK if all(one.is_known for one in found) else EXIT_UNDETERMINED


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--domain", required=True, help="The domain that moves: who else sent a message is outside.")
@project_option
@json_option
@no_input_option
def messages(folder: Path, domain: str, project: Path | None, as_json: bool) -> int:
    """Tell what the headers of the .eml files in FOLDER prove: which tenant took each message, how long it took, how it was signed.

    Exit code 0 when every file could be read, 3 when one could not.
    """
    from ctm_audit.dns.heartbeat_folder import read_folder
    from ctm_audit.dns.proof_rows import message_rows

    (name,) = _names((domain,))
    found, unreadable = read_folder(folder)
    sides = _sides(_project(project))
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, **message_rows(name, found), "unreadable": unreadable})
    else:
        for one in found:
            _show_message(one, name, sides)
    for sentence in unreadable:
        console.note(f"Left out: {sentence}")
    if not found and not unreadable:
        raise UsageError(f"{folder} holds no .eml file.", hint="save the received messages there as .eml files")
    return EXIT_UNDETERMINED if unreadable else EXIT_OK


def _names(domains: Sequence[str]) -> list[str]:
    """The domains in A-labels, each once. UsageError with every one that is none."""
    from ctm_audit.dns.names import domain_name

    names, faults = [], []
    for domain in domains:
        try:
            names.append(domain_name(domain))
        except ValueError as reason:
            faults.append(str(reason))
    if faults:
        raise UsageError("Nothing was asked.", detail=faults, hint="write the domain as in contoso.com")
    return list(dict.fromkeys(names))


def _project(path: Path | None) -> Project | None:
    """The project named, or the one found from here; None where there is none."""
    from ctm_audit import api
    from ctm_audit.project import find_project

    if path is None:
        try:
            find_project(Path.cwd())
        except UsageError:
            return None
    return api.open_project_file(path)


def _sides(project: Project | None) -> dict[str, str]:
    """What to call each of the two tenants."""
    return {project.source.tenant_id: "source", project.target.tenant_id: "target"} if project else {}


def _show_owners(found: Owners, sides: Mapping[str, str]) -> None:
    from ctm_audit.dns.names import readable

    console.echo_answer(readable(found.domain), "bold")
    for tenancy, realm in zip(found.tenancies, found.realms, strict=True):
        console.echo_answer(f"  {tenancy.host:<32} {_owner(tenancy, sides)}{_sign_in(realm)}")


def _owner(tenancy: Tenancy, sides: Mapping[str, str]) -> str:
    if not tenancy.is_known:
        return f"not known: {tenancy.outcome} ({tenancy.detail})"
    if tenancy.outcome == "unowned":
        return NOBODY
    side = sides.get(tenancy.tenant_id, "neither source nor target" if sides else "")
    where = " ".join(part for part in (tenancy.scope, tenancy.sub_scope, tenancy.instance) if part)
    return f"{tenancy.tenant_id}{f' ({side})' if side else ''}{f', {where}' if where else ''}"


def _sign_in(realm: Realm) -> str:
    if not realm.is_known:
        return f"; sign-in not known: {realm.outcome}"
    if realm.outcome == "nobody":
        return ""
    return f"; sign-in {realm.outcome}{f' at {realm.sign_in_host}' if realm.sign_in_host else ''}"


def _show_message(one: Delivered, domain: str, sides: Mapping[str, str]) -> None:
    tenant = f"{one.tenant_id} ({sides.get(one.tenant_id, 'neither source nor target')})" if one.tenant_id and sides else one.tenant_id
    delay = f"{(one.received - one.sent).total_seconds():,.0f} s" if one.received and one.sent else "not told"
    told: dict[str, Any] = {method: one.result_of(method) or "not told" for method in ("spf", "dkim", "dmarc")}
    console.echo_answer(f"{one.name}: {one.subject}", "bold")
    console.echo_answer(f"  taken by {tenant or 'a tenant that the headers do not tell'}; on its way {delay}")
    results = ", ".join(f"{method} {result}" for method, result in told.items())
    console.echo_answer(f"  {results}; {'signed' if one.signed_by(domain) else 'not signed'} for {domain}")
