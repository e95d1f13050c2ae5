"""What a planned license gives, and how many seats of it each wave still needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ctm_audit.engine.licenses import Bought, Offer
from tests.engine.tenants import NOW, REFERENCE, Evidence, Row, loaded, mapping_of, project_of, relation_rows

GB = 1024**3
E3, PLAN_1, KIOSK = "05e9a617-0261-4cee-bb44-138d3ef5d965", "4b9405b0-7788-4568-add1-99614e613b69", "66b55226-6b4f-492c-910c-a3b7a3c9d993"
BUSINESS = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
PLAN_2 = ("EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_FOUNDATION", "TEAMS1")


def offer(*bought: Bought, **changes: Any) -> Offer:
    facts: dict[str, Any] = {"all_bought": True, "sizes": {}, "all_sizes": True, "reference": REFERENCE, "now": NOW}
    return Offer(bought, **(facts | changes))


def bought(part_number: str | None = "SPE_E3", *, sku: str = E3, status: str | None = "enabled", plans: Any = PLAN_2) -> Bought:
    return Bought(sku, part_number, status, 10, 7, plans)


@pytest.mark.parametrize("written", ["SPE_E3", "spe e3", "Spe-E3", E3])
def test_a_license_is_found_by_its_part_number_or_id(written: str) -> None:
    planned = offer(bought()).planned(written)
    assert (planned.product, planned.quota, planned.archive_quota, planned.archive_expands, planned.free) == (
        "SPE_E3",
        100 * GB,
        1536 * GB,
        True,
        3,
    )


def test_the_number_of_the_tenant_wins() -> None:
    assert offer(bought(), sizes={"EXCHANGE_S_ENTERPRISE": 50 * GB}).planned("SPE_E3").quota == 50 * GB
    assert offer(bought(), sizes={"EXCHANGE_S_ENTERPRISE": None}).planned("SPE_E3").quota is None


def test_a_mailbox_plan_that_may_be_behind_the_cut_leaves_the_size_open() -> None:
    assert offer(bought(), all_sizes=False).planned("SPE_E3").quota is None


def test_what_the_tenant_has_not_bought_is_known_from_the_reference_and_has_no_seat() -> None:
    planned = offer(bought()).planned("EXCHANGESTANDARD")
    assert (planned.quota, planned.archive_quota, planned.archive_expands, planned.free) == (50 * GB, 50 * GB, False, 0)


def test_a_kiosk_license_gives_two_gigabytes_and_no_archive() -> None:
    planned = offer(bought("SPE_F1", sku=KIOSK, plans=("EXCHANGE_S_DESKLESS",))).planned("SPE_F1")
    assert (planned.quota, planned.archive_quota) == (2 * GB, 0)


@pytest.mark.parametrize(("now", "size"), [(datetime(2026, 6, 1), 50), (datetime(2026, 8, 1), 50), (datetime(2026, 9, 2), 100)])
def test_a_business_mailbox_is_larger_once_the_change_has_ended(now: datetime, size: int) -> None:
    assert offer(now=now).planned("SPB").quota == size * GB


def test_a_product_without_an_exchange_plan_gives_nothing() -> None:
    assert offer(bought("POWER_BI_PRO", plans=("BI_AZURE_P2",))).planned("POWER_BI_PRO").quota == 0


def test_a_product_that_nobody_knows_is_unknown_and_has_no_seat() -> None:
    planned = offer(bought()).planned("SPE_E9")
    assert (planned.quota, planned.archive_quota, planned.free) == (None, None, 0)


@pytest.mark.parametrize("gap", [{"all_bought": False}, {"bought": (bought(None, sku=PLAN_1),)}])
def test_a_product_that_may_stand_where_nothing_was_seen_is_unknown(gap: dict[str, Any]) -> None:
    known: dict[str, Any] = {"bought": (), "all_bought": True, "sizes": {}, "all_sizes": True, "reference": REFERENCE, "now": NOW}
    found = Offer(**(known | gap))
    assert (found.planned("SPE_E5").quota, found.planned("SPE_E5").free) == (None, None)


@pytest.mark.parametrize(("status", "free"), [("enabled", 3), ("warning", 0), ("suspended", 0), (None, None)])
def test_only_an_enabled_subscription_has_seats(status: str | None, free: int | None) -> None:
    assert bought(status=status).free == free


def test_a_legacy_plan_of_unverified_size_stays_unknown() -> None:
    assert offer(bought("LITEPACK", plans=("EXCHANGE_L_STANDARD",))).planned("LITEPACK").quota is None


PEOPLE = ("ada", "bob", "cia")


def person(number: int, name: str) -> tuple[Row, Row, Row]:
    ids = {"object_id": f"0000000{number}-0000-4000-8000-000000000000", "exchange_guid": f"1000000{number}-0000-4000-8000-000000000000"}
    box = {**ids, "upn": f"{name}@con.com", "primary_smtp": f"{name}@con.com", "recipient_type_details": "UserMailbox"}
    user = {**ids, "upn": f"{name}@fab.com", "primary_smtp": f"{name}@fab.com"}
    recipient = {"guid": ids["exchange_guid"], "object_id": ids["object_id"], "primary_smtp": f"{name}@fab.com"}
    return box, user, recipient | {"recipient_type": "MailUser", "recipient_type_details": "MailUser"}


def seats(live: dict[str, list[str] | None], *, kinds: tuple[str, ...] = (), skus: list[Row] | None = None) -> dict[str, tuple[Any, Any]]:
    """Needed and free seats by wave and license; `live` are the target plans of those who have some."""
    everybody = [person(number, name) for number, name in enumerate(PEOPLE)]
    for (box, _, _), kind in zip(everybody, kinds, strict=False):
        box["recipient_type_details"] = kind
    rows: dict[str, list[Row]] = {
        "source.mailboxes": [box for box, _, _ in everybody],
        "target.mail_users": [user for _, user, _ in everybody],
        "target.recipients": [recipient for _, _, recipient in everybody],
        "target.users": [{"object_id": user["object_id"], "upn": user["upn"]} for _, user, _ in everybody],
        "target.license_details": [
            {"user_id": everybody[PEOPLE.index(name)][1]["object_id"], "sku_id": "x", "live_plans": plans} for name, plans in live.items()
        ],
        "target.subscribed_skus": skus
        or [
            {
                "sku_id": E3,
                "sku_part_number": "SPE_E3",
                "capability_status": "enabled",
                "enabled_units": 2,
                "consumed_units": 1,
                "plans": ["X"],
            }
        ],
    }
    mapping = mapping_of([(f"{name}@con.com", f"{name}@fab.com", wave) for name, wave in zip(PEOPLE, ("1", "1", "2"), strict=True)])
    with loaded(Evidence(rows), mapping, project_of(waves=("1", "2"), license="SPE_E3")) as connection:
        return {row["id"]: (row["needed"], row["available"]) for row in relation_rows(connection, "license_seats")}


def test_waves_are_served_one_after_another() -> None:
    assert seats({}) == {"1 SPE_E3": (2, 1), "2 SPE_E3": (3, 1)}


def test_who_has_a_mailbox_plan_needs_no_seat() -> None:
    assert seats({"ada": ["EXCHANGE_S_STANDARD"], "cia": ["TEAMS1"]}) == {"1 SPE_E3": (1, 1), "2 SPE_E3": (2, 1)}


def test_rooms_and_shared_mailboxes_need_no_license_unless_the_mapping_says_so() -> None:
    assert seats({}, kinds=("RoomMailbox", "SharedMailbox")) == {"1 SPE_E3": (0, 1), "2 SPE_E3": (1, 1)}


def test_unknown_plans_leave_this_wave_and_the_later_ones_open() -> None:
    assert seats({"cia": None}) == {"1 SPE_E3": (2, 1), "2 SPE_E3": (None, 1)}
