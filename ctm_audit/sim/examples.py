"""The examples of the repository: one that is ready, one as migrations usually are, and one prepared as the usual how-to says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ctm_audit.evidence.tables import TABLES
from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.export import Files, render, write
from ctm_audit.sim.faults import FAULTS
from ctm_audit.sim.gaps import emptied, exported_as_csv, partly_lost
from ctm_audit.sim.how_to import prepared_by_the_how_to
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.statements import Waived
from ctm_audit.sim.tenant_faults import without_spare_seats

# What is wrong with whom, by mapping row; some have two faults, and some have nothing that matters.
PLANTED: dict[int, tuple[str, ...]] = {
    5: ("exchange_guid_not_stamped",),
    6: ("litigation_hold",),
    7: ("migration_license_missing", "trial_not_cleared"),
    8: ("external_address_wrong", "forwarded"),
    9: ("archive_guid_missing", "x500_incomplete"),
    10: ("target_is_guest",),
    11: ("migration_license_pending", "label_hold"),
    12: ("policy_hold", "wrong_exchange_guid"),
    13: ("proxy_in_source_domain", "legacy_dn_missing", "not_excluded"),
    14: ("excluded_from_policy",),
    15: ("over_quota",),
    16: ("delete_only_policy",),
    17: ("not_in_scope_group", "x500_trimmed", "own_retention_policy"),
    18: ("thirteen_aux_archives",),
    19: ("target_missing",),
    20: ("teams_licensed_before_stamping", "recoverable_items_too_large"),
    21: ("delay_hold",),
    22: ("primary_in_foreign_domain", "hidden_items_in_archive"),
    23: ("near_quota", "customer_key"),
    24: ("in_another_batch", "quarantined"),
    25: ("upn_suffix_not_verified", "archive_about_to_expand"),
    26: ("no_delivery_domain_proxy", "delay_release_hold"),
}
NO_ARCHIVE_STATISTICS = (3, 24)
MANY_ADDRESSES = 27
WAIVED = (
    Waived(
        rule="STP-14",
        rows=(MANY_ADDRESSES,),
        owner="Megan Bowen",
        reason="The shared addresses of a product that has ended; they are taken off after the move.",
        expires=date(2027, 1, 31),
    ),
    Waived(rule="MBX-12W", rows=(23,), owner="Alex Wilber", reason="Tidied up by Friday.", expires=date(2026, 11, 14)),
)
"""What people accept in the broken example; the second has expired and counts no longer."""


def clean() -> Files:
    """The files of the example in which every gate is open for submit."""
    return render(contoso_to_fabrikam(people=24))


def broken_scenario() -> Scenario:
    """The scenario of the example in which about twenty different things are wrong."""
    scenario = FAULTS["endpoint_wrong_tenant"].plant(contoso_to_fabrikam(people=30))
    for row, names in PLANTED.items():
        for name in names:
            scenario = FAULTS[name].plant(scenario, row)
    scenario = FAULTS["hundreds_of_addresses"].plant(scenario, MANY_ADDRESSES)
    for waived in WAIVED:
        scenario = scenario.with_waiver(waived)
    return without_spare_seats(without_spare_seats(scenario, "source"), "target")


def broken() -> Files:
    """Its files; three exports went wrong as well."""
    scenario = broken_scenario()
    lost = {scenario.mailbox(row).archive_guid for row in NO_ARCHIVE_STATISTICS}
    files = render(scenario)
    files = partly_lost(files, "source", TABLES["archive_statistics"], is_lost=lambda item: item["MailboxGuid"] in lost)
    files = emptied(files, "target", TABLES["connections"])
    return exported_as_csv(files, scenario, "target", TABLES["organization_relationships"])


def how_to() -> Files:
    """The files of the example in which both tenants were prepared as the usual how-to says."""
    return render(prepared_by_the_how_to())


EXAMPLES = {"contoso-to-fabrikam/clean": clean, "contoso-to-fabrikam/broken": broken, "how-to": how_to}


def write_examples(folder: Path) -> None:
    """Write every example below `folder`."""
    for name, make in EXAMPLES.items():
        write(make(), folder / name)
