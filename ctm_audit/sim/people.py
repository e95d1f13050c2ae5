"""The people of the scenario as recipients: a mailbox in Contoso, and the stamped MailUser in Fabrikam that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ctm_audit.sim.invent import Dice, Person, plain
from ctm_audit.sim.skus import E3, F3, MIGRATION, licensed
from ctm_audit.sim.tenants import Mailbox, MailUser

CONTOSO = "contoso.com"
CONTOSO_INITIAL = "contoso.onmicrosoft.com"
FABRIKAM = "fabrikam.com"
FABRIKAM_INITIAL = "fabrikam.onmicrosoft.com"
SUBDOMAIN = "eu.fabrikam.example"

KB, MB, GB = 1024, 1024**2, 1024**3
SINCE = datetime(2019, 3, 4, 8, 0, 0)
KEEP_ALL = "mbx5f0d1c7a94be4e3aa6f2b8d07c13e9d4"
"""Contoso's retention policy for everybody; those who move are excluded from it."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What makes the mapped person at `index` different from the next one."""

    index: int

    @property
    def has_kiosk(self) -> bool:
        """A frontline worker with 2 GB and no archive."""
        return self.index % 8 == 7

    @property
    def has_archive(self) -> bool:
        """Every third person has an archive."""
        return self.index % 3 == 0 and not self.has_kiosk

    @property
    def aux_archives(self) -> int:
        """Some archives have expanded; twelve auxiliary archives are the most that can be moved."""
        return {3: 3, 6: 12}.get(self.index % 12, 0)

    @property
    def is_synced_in_source(self) -> bool:
        """Mastered in Contoso's Active Directory."""
        return self.index % 4 == 1

    @property
    def is_synced_in_target(self) -> bool:
        """Mastered in Fabrikam's Active Directory."""
        return self.index % 5 == 2

    @property
    def is_licensed_in_source(self) -> bool:
        """Holds the migration license in Contoso; the others hold it in Fabrikam."""
        return self.index % 4 == 3


def since(dice: Dice, *labels: str) -> datetime:
    """When somebody's object was made, to the second."""
    return SINCE + timedelta(seconds=dice.number(0, 6 * 365 * 86400, "created", *labels))


def exchange_labs_dn(dice: Dice, name: str, *labels: str) -> str:
    """A LegacyExchangeDN as Exchange Online makes them: digits, a dash and the beginning of the name."""
    tail = f"{dice.digits(32, 'legacy', *labels)}-{(plain(name) or labels[-1])[:11].rstrip()}"
    return f"/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn={tail}"


def source_mailbox(dice: Dice, person: Person, index: int, *, kind: str = "UserMailbox") -> Mailbox:
    """A person's mailbox in Contoso, with all that a mailbox collects in ten years."""
    traits = Traits(index)
    mailbox = replace(
        contoso_mailbox(dice, person, kind=kind),
        proxies=(*_contoso_proxies(person, traits), *(f"X500:{address}" for address in old_x500(dice, person))),
        is_dir_synced=traits.is_synced_in_source,
        in_place_holds=(f"-{KEEP_ALL}",),
    )
    if kind != "UserMailbox":
        return mailbox
    if index % 6 == 4:
        number = dice.number(100000, 999999, "number", person.address) if index < 1_000 else 1_000_000 + index
        mailbox = replace(mailbox, upn=f"u{number}@{CONTOSO}")
    if traits.has_kiosk:
        mailbox = replace(mailbox, quota=2 * GB, size=dice.number(100 * MB, 1500 * MB, "size", person.address), licenses=licensed(F3))
    if traits.has_archive:
        mailbox = _with_archive(dice, mailbox, person, traits.aux_archives)
    extra = licensed(MIGRATION) if traits.is_licensed_in_source else ()
    return replace(mailbox, licenses=(*mailbox.licenses, *extra))


def contoso_mailbox(dice: Dice, person: Person, *, kind: str = "UserMailbox") -> Mailbox:
    """A plain mailbox in Contoso."""
    return _mailbox(dice, person, "source", CONTOSO, CONTOSO_INITIAL, kind)


def fabrikam_mailbox(dice: Dice, person: Person, *, kind: str = "UserMailbox") -> Mailbox:
    """A plain mailbox in Fabrikam."""
    return _mailbox(dice, person, "target", FABRIKAM, FABRIKAM_INITIAL, kind)


def _mailbox(dice: Dice, person: Person, side: str, domain: str, initial: str, kind: str) -> Mailbox:
    who = (side, person.address)
    is_user = kind == "UserMailbox"
    return Mailbox(
        guid=dice.guid("guid", *who),
        object_id=dice.guid("object", *who),
        exchange_guid=dice.guid("exchange", *who),
        name=dice.guid("object", *who),
        alias=person.alias,
        display_name=person.name,
        first_name=person.first if is_user else "",
        last_name=person.last if is_user else "",
        department=person.department,
        country=person.country,
        upn=f"{person.address}@{domain}",
        proxies=(f"smtp:{person.alias}@{initial}", f"SMTP:{person.address}@{domain}"),
        kind=kind,
        legacy_dn=exchange_labs_dn(dice, person.name, *who),
        created=since(dice, *who),
        size=dice.number(300 * MB, 42 * GB, "size", person.address),
        items=dice.number(900, 260_000, "items", person.address),
        quota=100 * GB if is_user else 50 * GB,
        licenses=licensed(E3) if is_user else (),
    )


def _contoso_proxies(person: Person, traits: Traits) -> tuple[str, ...]:
    """The SMTP and SIP addresses of a mapped person, in no particular order, as Exchange prints them."""
    proxies = [f"smtp:{person.alias}@{CONTOSO_INITIAL}", f"SMTP:{person.address}@{CONTOSO}", f"SIP:{person.address}@{CONTOSO}"]
    if person.alias != person.address:
        proxies.append(f"smtp:{person.alias}@{CONTOSO}")
    if traits.is_synced_in_source:
        proxies.append(f"smtp:{person.alias}@contoso.mail.onmicrosoft.com")
    return tuple(proxies)


def old_x500(dice: Dice, person: Person) -> tuple[str, ...]:
    """X500 addresses from servers long gone: blanks (also two in a row), commas, brackets, an @, any script."""
    last = plain(person.last)
    short = last if last.strip("0123456789") else person.alias
    addresses = (
        f"/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn={person.name}",
        f"/o=Contoso/ou=First Administrative Group/cn=Recipients/cn={short},  {person.department} [old]",
        f"/O=CONTOSO/OU=EXTERNAL (FYDIBOHF25SPDLT)/CN=RECIPIENTS/CN={person.alias}@legacy.example",
    )
    return addresses[: dice.number(2, 3, "x500", person.address)]


def _with_archive(dice: Dice, mailbox: Mailbox, person: Person, aux: int) -> Mailbox:
    return replace(
        mailbox,
        archive_guid=dice.guid("archive", person.address),
        archive_size=dice.number(2 * GB, 88 * GB, "archive size", person.address),
        archive_quota=None if aux >= 12 else 110 * GB if aux else 100 * GB,
        aux_archives=tuple(dice.guid("aux", person.address, str(number)) for number in range(aux)),
    )


def target_mail_user(dice: Dice, person: Person, mailbox: Mailbox, index: int) -> MailUser:
    """The MailUser in Fabrikam, stamped with everything that the move compares."""
    traits = Traits(index)
    who = ("target", person.address)
    initial = f"{person.alias}@{CONTOSO_INITIAL}"
    is_user = mailbox.kind == "UserMailbox"
    moving = () if traits.is_licensed_in_source or not is_user else licensed(MIGRATION)
    base = licensed(E3) if is_user and index % 2 == 0 else ()
    return MailUser(
        guid=dice.guid("guid", *who),
        object_id=dice.guid("object", *who),
        exchange_guid=mailbox.exchange_guid,
        archive_guid=mailbox.archive_guid,
        name=person.name,
        alias=person.alias,
        display_name=person.name,
        first_name=mailbox.first_name,
        last_name=mailbox.last_name,
        department=person.department,
        country=person.country,
        upn=f"{person.address}@{FABRIKAM}",
        proxies=_fabrikam_proxies(person, mailbox, index),
        external_address=mailbox.primary.title() if index % 7 == 3 else initial,
        kind="MailUser",
        legacy_dn=exchange_labs_dn(dice, person.name, *who),
        created=datetime(2026, 10, 19, 9, 30, 0) + timedelta(minutes=7 * index),
        is_dir_synced=traits.is_synced_in_target,
        data_location="NAM",
        licenses=(*base, *moving),
    )


def _fabrikam_proxies(person: Person, mailbox: Mailbox, index: int) -> tuple[str, ...]:
    """A primary in Fabrikam, one address in the delivery domain, and every X500 address, in whatever case it was typed."""
    prefix = "x500" if Traits(index).is_synced_in_target else "X500"
    own = mailbox.legacy_dn.upper() if index % 7 == 2 else mailbox.legacy_dn
    copied = [proxy.partition(":")[2] for proxy in mailbox.proxies if proxy.startswith("X500:")]
    extra = [f"smtp:{person.alias}@{SUBDOMAIN}"] if index % 3 == 1 else []
    return (
        f"SMTP:{person.address}@{FABRIKAM}",
        f"smtp:{person.alias}@{FABRIKAM_INITIAL}",
        *extra,
        *(f"{prefix}:{address}" for address in (own, *copied)),
    )
