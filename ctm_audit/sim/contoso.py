"""The scenario of the examples: Contoso's people move to Fabrikam, and everything is as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ctm_audit.sim import skus
from ctm_audit.sim.apps import migration_app, principals
from ctm_audit.sim.flow import contoso_rules, fabrikam_rules, partner_connector
from ctm_audit.sim.invent import Dice, Person, colleague, person
from ctm_audit.sim.others import contact, contoso_leaver, discovery_mailbox, former_partner, group, leaver, left_behind, outsiders
from ctm_audit.sim.people import (
    CONTOSO,
    CONTOSO_INITIAL,
    FABRIKAM,
    FABRIKAM_INITIAL,
    KEEP_ALL,
    SINCE,
    contoso_mailbox,
    fabrikam_mailbox,
    since,
    source_mailbox,
    target_mail_user,
)
from ctm_audit.sim.scenario import Migration, Row, Scenario, Wave
from ctm_audit.sim.tenants import (
    Account,
    Domain,
    Endpoint,
    Group,
    Mailbox,
    MailUser,
    MigrationBatch,
    MigrationUser,
    Relationship,
    Sku,
    Tenant,
)

EXPORTED_AT = datetime(2026, 11, 20, 17, 0, 0)
SCOPE_GROUP = "CTMAllowed"
WAVES = (
    Wave(name="pilot", pilot=True, submit_by=datetime(2026, 12, 1, 20), complete_at=datetime(2026, 12, 15, 20)),
    Wave(name="1", pilot=False, submit_by=datetime(2026, 12, 14, 20), complete_at=datetime(2027, 1, 9, 20)),
    Wave(name="2", pilot=False, submit_by=datetime(2027, 1, 4, 20), complete_at=datetime(2027, 1, 23, 20)),
)
# Mailboxes that nobody signs in to; they stand at the end of the mapping.
RESOURCES = (
    (Person("Invoices", "", "invoices", "Germany", "Finance"), "SharedMailbox"),
    (Person("Bewerbungen", "& Jobs", "jobs", "Germany", "Human Resources"), "SharedMailbox"),
    (Person("Raum", "Elbe (4. OG)", "raum.elbe", "Germany", "IT"), "RoomMailbox"),
    (Person("Projector", "#3", "projector3", "Germany", "IT"), "EquipmentMailbox"),
)
FEWEST_WITH_RESOURCES = 12
UNREACHABLE = "The remote mailbox could not be reached."
UNMAPPED = 5
STAFF = 6


def contoso_to_fabrikam(*, people: int = 24, seed: int = 1) -> Scenario:
    """A migration of `people` mailboxes that is ready for submit; the same arguments give the same scenario."""
    dice = Dice(seed)
    mapped = _mapped(dice, people)
    mailboxes = tuple(source_mailbox(dice, who, index, kind=kind) for index, (who, kind) in enumerate(mapped))
    mailboxes = _with_delegate(mailboxes) if people >= FEWEST_WITH_RESOURCES else mailboxes
    mail_users = tuple(target_mail_user(dice, who, mailboxes[index], index) for index, (who, _) in enumerate(mapped))
    rows = tuple(_row(index, people, pair) for index, pair in enumerate(zip(mailboxes, mail_users, strict=True)))
    return Scenario(
        source=_contoso(dice, people, mailboxes),
        target=_fabrikam(dice, mail_users),
        migration=_migration(dice),
        rows=rows,
        exported_at=EXPORTED_AT,
    )


def _mapped(dice: Dice, people: int) -> tuple[tuple[Person, str], ...]:
    resources = RESOURCES if people >= FEWEST_WITH_RESOURCES else ()
    users = tuple((person(dice, index), "UserMailbox") for index in range(people - len(resources)))
    return (*users, *resources)


def _with_delegate(mailboxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    """The last person works with the first shared mailbox, and keeps the calendar of the person before."""
    place = len(mailboxes) - len(RESOURCES)
    *before, other, person, shared = mailboxes[: place + 1]
    other, shared = replace(other, calendar=(person.primary,)), replace(shared, full_access=(person.upn,))
    return (*before, other, person, shared, *mailboxes[place + 1 :])


def _row(index: int, people: int, pair: tuple[Mailbox, MailUser]) -> Row:
    """The first sixth is the pilot; the rest is split between the two waves."""
    pilot = max(people // 6, 1)
    wave = "pilot" if index < pilot else "1" if index < pilot + (people - pilot) // 2 else "2"
    mailbox, mail_user = pair
    return Row(source=mailbox.upn, target=mail_user.upn, wave=wave, final_upn=mailbox.primary, final_primary=mailbox.primary)


def _migration(dice: Dice) -> Migration:
    return Migration(
        name="contoso-to-fabrikam",
        app_id=_app_id(dice),
        endpoint="CTM-Endpoint",
        delivery_domain=FABRIKAM_INITIAL,
        license=skus.E3.part_number,
        moving_domains=(CONTOSO,),
        waves=WAVES,
        as_of=EXPORTED_AT + timedelta(hours=1),
    )


def _tenant_id(dice: Dice, side: str) -> str:
    return dice.guid("tenant", side)


def _app_id(dice: Dice) -> str:
    return dice.guid("application")


def _contoso(dice: Dice, people: int, mapped: tuple[Mailbox, ...]) -> Tenant:
    others = tuple(contoso_mailbox(dice, person(dice, people + index)) for index in range(UNMAPPED))
    mailboxes = (discovery_mailbox(dice, "source", CONTOSO_INITIAL), *mapped, *others)
    partners = outsiders(dice, "source", ("lena.vogt@example.net", "m.tanaka@example.org"), guests=False, initial=CONTOSO_INITIAL)
    guests = outsiders(dice, "source", ("nora.bakker@fabrikam.com",), guests=True, initial=CONTOSO_INITIAL)
    return Tenant(
        side="source",
        guid=dice.guid("organization", "source"),
        session_id=dice.guid("session", "source"),
        tenant_id=_tenant_id(dice, "source"),
        session_tenant_id=_tenant_id(dice, "source"),
        name="Contoso",
        initial_domain=CONTOSO_INITIAL,
        admin=f"export.admin@{CONTOSO_INITIAL}",
        forest="EURPR04A002",
        shell="powershell-5.1",
        created=SINCE,
        last_sync=EXPORTED_AT - timedelta(minutes=12),
        domains=_domains(dice, CONTOSO, "contoso.mail.onmicrosoft.com", CONTOSO_INITIAL),
        skus=_bought(mailboxes, spare=0),
        mailboxes=mailboxes,
        mail_users=(*partners, *guests),
        contacts=(),
        groups=_contoso_groups(dice, mapped, others),
        relationships=(_outbound(dice), _unrelated(dice, "Example Logistics", "example.net")),
        endpoints=(),
        deleted_mailboxes=(contoso_leaver(dice),),
        deleted_mail_users=(former_partner(dice, "source", CONTOSO_INITIAL),),
        migration_users=tuple(_finished(dice, "source", box.primary, "Onboarding-2024-03") for box in others[:2]),
        organization_holds=(f"{KEEP_ALL}:2", "grp8a1be0c5f3d74c2d9b60e74a15c2d3f8:3"),
        move_requests=(others[2].exchange_guid,),
        transport_rules=contoso_rules(dice),
        inactive_mailboxes=(left_behind(contoso_mailbox(dice, person(dice, people + UNMAPPED)), 2024),),
        principals=principals(dice, "source", _app_id(dice), _tenant_id(dice, "target")),
    )


def _fabrikam(dice: Dice, mapped: tuple[MailUser, ...]) -> Tenant:
    staff = tuple(fabrikam_mailbox(dice, colleague(dice, index)) for index in range(STAFF))
    room = fabrikam_mailbox(dice, Person("Board", "Room", "boardroom", "United States", "IT"), kind="RoomMailbox")
    mailboxes = (discovery_mailbox(dice, "target", FABRIKAM_INITIAL), *staff, room)
    partners = outsiders(dice, "target", ("r.castillo@example.com",), guests=False, initial=FABRIKAM_INITIAL)
    guests = outsiders(dice, "target", ("lena.vogt@example.net", "auditor@example.org"), guests=True, initial=FABRIKAM_INITIAL)
    subdomains = Domain(name="fabrikam.example", guid=dice.guid("domain", "fabrikam.example"), match_subdomains=True)
    planned = Domain(name=CONTOSO, guid=dice.guid("domain", "planned"), is_verified=False)
    return Tenant(
        side="target",
        guid=dice.guid("organization", "target"),
        session_id=dice.guid("session", "target"),
        tenant_id=_tenant_id(dice, "target"),
        session_tenant_id=_tenant_id(dice, "target"),
        name="Fabrikam",
        initial_domain=FABRIKAM_INITIAL,
        admin=f"migration.admin@{FABRIKAM_INITIAL}",
        forest="NAMPR05A001",
        shell="powershell-7",
        created=SINCE,
        last_sync=EXPORTED_AT - timedelta(minutes=12),
        domains=(*_domains(dice, FABRIKAM, FABRIKAM_INITIAL), subdomains, planned),
        skus=(
            *_bought((*mailboxes, *mapped), spare=3, for_moved=len(mapped)),
            replace(skus.TEAMS_ONLY, bought=5),
            replace(skus.PLAN_1, bought=5),
        ),
        mailboxes=mailboxes,
        mail_users=(*mapped, *partners, *guests),
        contacts=(contact(dice, "target", "printer.service@example.com"), contact(dice, "target", "bank.desk@example.org")),
        groups=(group(dice, "target", "All Fabrikam", FABRIKAM, members=[box.object_id for box in staff]),),
        relationships=(_unrelated(dice, "Example Supplies", "example.com"), _inbound(dice)),
        endpoints=(_old_endpoint(dice), _endpoint(dice)),
        migration_users=_elsewhere(dice, staff),
        move_requests=(staff[2].exchange_guid,),
        personal_sites=tuple(box.upn for box in staff[:3]),
        apps=(migration_app(dice, _app_id(dice)),),
        transport_rules=fabrikam_rules(dice, FABRIKAM),
        connectors=(partner_connector(dice, CONTOSO_INITIAL),),
        arc_sealers=("gateway.fabrikam.example", "lists.fabrikam.example"),
        principals=principals(dice, "target", _app_id(dice), _tenant_id(dice, "target")),
        migration_batches=(_old_batch(dice, "Onboarding-2023-11", "Completed"), _old_batch(dice, "Example-Wave-1", "Synced")),
        deleted_mailboxes=(leaver(dice),),
        deleted_mail_users=(former_partner(dice, "target", FABRIKAM_INITIAL),),
        sync_partners=((_tenant_id(dice, "source"), False), (dice.guid("tenant", "subsidiary"), True)),
    )


def _domains(dice: Dice, *names: str) -> tuple[Domain, ...]:
    return tuple(Domain(name=name, guid=dice.guid("domain", name)) for name in names)


def _bought(accounts: Sequence[Account], *, spare: int, for_moved: int = 0) -> tuple[Sku, ...]:
    """The SKUs in use, with `spare` seats more than are assigned, and an E3 for everybody who is to move in."""
    held = [one.part_number for account in accounts for one in account.held]
    spares = {skus.E3.part_number: spare + for_moved}
    return tuple(
        replace(sku, bought=held.count(sku.part_number) + spares.get(sku.part_number, spare)) for sku in (skus.E3, skus.F3, skus.MIGRATION)
    )


def _contoso_groups(dice: Dice, mapped: Sequence[Mailbox], others: Sequence[Mailbox]) -> tuple[Group, ...]:
    everybody = [box.object_id for box in (*mapped, *others)]
    return (
        group(dice, "source", "All Contoso", CONTOSO, members=everybody),
        group(dice, "source", SCOPE_GROUP, CONTOSO, members=[box.object_id for box in mapped], is_security=True),
    )


def _outbound(dice: Dice) -> Relationship:
    return Relationship(
        name="Fabrikam move",
        guid=dice.guid("relationship", "outbound"),
        domain_names=(_tenant_id(dice, "target"),),
        created=datetime(2026, 10, 12, 8, 15, 0),
        move_enabled=True,
        move_capability="RemoteOutbound",
        move_scopes=(SCOPE_GROUP,),
        app_id=_app_id(dice),
    )


def _inbound(dice: Dice) -> Relationship:
    """Typed with the partner's tenant id in capitals, as portals show it."""
    return Relationship(
        name="Contoso move",
        guid=dice.guid("relationship", "inbound"),
        domain_names=(_tenant_id(dice, "source").upper(),),
        created=datetime(2026, 10, 12, 7, 40, 0),
        move_enabled=True,
        move_capability="Inbound",
    )


def _unrelated(dice: Dice, name: str, domain: str) -> Relationship:
    """A relationship with somebody else, for free/busy only."""
    return Relationship(
        name=name, guid=dice.guid("relationship", name), domain_names=(domain,), created=since(dice, "relationship", name), free_busy=True
    )


def _endpoint(dice: Dice) -> Endpoint:
    return Endpoint(name="CTM-Endpoint", guid=dice.guid("endpoint", "CTM"), remote_tenant=CONTOSO_INITIAL, app_id=_app_id(dice))


def _old_endpoint(dice: Dice) -> Endpoint:
    """Left over from the time when Fabrikam had servers of its own."""
    name = "Hybrid Migration Endpoint - EWS (Default Web Site)"
    return Endpoint(name=name, guid=dice.guid("endpoint", "hybrid"), remote_server="mail.fabrikam.example")


def _finished(dice: Dice, side: str, identity: str, batch: str) -> MigrationUser:
    return MigrationUser(
        identity=identity, guid=dice.guid("migration user", side, identity), batch=batch, status="Completed", consistency="Perfect"
    )


def _old_batch(dice: Dice, name: str, status: str) -> MigrationBatch:
    """A batch of another project."""
    guid = dice.guid("migration batch", name)
    return MigrationBatch(name=name, guid=guid, created=since(dice, "batch", name), status=status, delivery_domain=FABRIKAM_INITIAL)


def _elsewhere(dice: Dice, staff: Sequence[Mailbox]) -> tuple[MigrationUser, ...]:
    """Migration users of other projects: finished, failed, and one not yet bound to a mailbox."""
    done, failed = (_finished(dice, "target", box.primary, "Onboarding-2023-11") for box in staff[:2])
    waiting = _finished(dice, "target", "r.castillo@example.com", "Example-Wave-1")
    return (
        replace(done, mailbox_guid=staff[0].exchange_guid),
        replace(failed, mailbox_guid=staff[1].exchange_guid, status="Failed", consistency="", error=UNREACHABLE),
        replace(waiting, status="Synced"),
    )
