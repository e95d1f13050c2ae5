"""`batches` and `waves`: who stands in which batch, who should not, and what nobody can say."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ctm_audit.model import Step
from tests.engine.tenants import Evidence, Row, audited, loaded, mapping_of, project_of, relation_rows
from tests.engine.test_run import a_rule

NAMES = ("a", "b", "c")
WAVES = ("1", "2")
MADE = datetime(2026, 11, 2)
ROWS = [(f"{name}@con.com", f"{name}@fab.com", wave) for name, wave in zip(NAMES, ("1", "1", "2"), strict=True)]


def people() -> dict[str, list[Row]]:
    boxes, users, recipients = [], [], []
    for one in NAMES:
        boxes.append({"object_id": f"s-{one}", "upn": f"{one}@con.com", "primary_smtp": f"{one}@con.com", "exchange_guid": f"g-{one}"})
        told = {"object_id": f"t-{one}", "primary_smtp": f"{one}@fab.com"}
        users.append(told | {"upn": f"{one}@fab.com"})
        recipients.append(told | {"guid": f"r-{one}", "recipient_type_details": "MailUser"})
    return {"source.mailboxes": boxes, "target.mail_users": users, "target.recipients": recipients}


def user(identity: str, batch: str, guid: str = "", status: str = "synced", **more: Any) -> Row:
    told = {"identity": identity, "batch": batch, "batch_key": batch.casefold(), "mailbox_guid": guid, "status": status}
    return told | {"consistency": "perfect", "error": ""} | more


def batch(name: str, **more: Any) -> Row:
    return {"name": name.casefold(), "status": "synced", "created": MADE} | more


def evidence(users: list[Row], batches: list[Row], **more: Any) -> Evidence:
    return Evidence({**people(), "target.migration_users": users, "target.migration_batches": batches}, **more)


def seen(found: Evidence, name: str, *columns: str) -> list[tuple[Any, ...]]:
    with loaded(found, mapping_of(ROWS), project_of(waves=WAVES)) as connection:
        return [tuple(row[column] for column in columns) for row in relation_rows(connection, name)]


def test_a_batch_is_told_by_its_users_whatever_it_is_called() -> None:
    found = evidence(
        [user("a@fab.com", "Wave A"), user("x@fab.com", "Wave A", "g-b"), user("z@fab.com", "Other")], [batch("Wave A"), batch("Other")]
    )
    assert seen(found, "batches", "id", "wave", "strangers", "left_out") == [("wave a", "1", [], [])]


def test_a_batch_that_is_not_its_wave() -> None:
    found = evidence([user("a@fab.com", "A"), user("c@fab.com", "A"), user("partner@example.com", "A")], [batch("A")])
    assert seen(found, "batches", "wave", "strangers", "left_out") == [
        ("1", ["c@fab.com", "partner@example.com"], ["b@con.com"]),
        ("2", ["a@fab.com", "partner@example.com"], []),
    ]


UNKNOWN = {
    "the export of the users was cut": {"incomplete": frozenset({"target.migration_users"})},
    "the export of the batches was cut": {"incomplete": frozenset({"target.migration_batches"})},
}


@pytest.mark.parametrize("why", UNKNOWN)
def test_nobody_can_say_who_is_a_stranger_when(why: str) -> None:
    found = evidence([user("a@fab.com", "A")], [batch("A")], **UNKNOWN[why])
    assert seen(found, "batches", "strangers", "left_out") == [(None, None)]
    assert seen(found, "waves", "has_copies_since", "name_is_taken") == [(False, None), (False, None)]


def test_a_user_whose_mailbox_is_not_known_may_be_anybody() -> None:
    found = evidence([user("a@fab.com", "A"), user("z@fab.com", "A", guid=None)], [batch("A")])  # type: ignore[arg-type]  # not collected
    assert seen(found, "batches", "strangers", "left_out") == [(None, None)]


def test_a_batch_that_the_export_of_batches_lacks_is_there_with_nothing_known_of_it() -> None:
    assert seen(evidence([user("a@fab.com", "A")], []), "batches", "id", "status", "strangers") == [("a", None, [])]


def test_zero_batches_are_an_answer_only_when_all_were_seen() -> None:
    rule = a_rule("A-1", "status = 'synced'", over="batches")
    project = project_of(waves=WAVES)
    whole = audited(evidence([], []), mapping_of(ROWS), rule, project=project)
    cut = audited(evidence([], [], incomplete=frozenset({"target.migration_batches"})), mapping_of(ROWS), rule, project=project)
    absent = audited(evidence([], [], absent=frozenset({"target.migration_batches"})), mapping_of(ROWS), rule, project=project)
    assert [told["gates"][0]["state"] for told in (whole, cut, absent)] == ["open", "undetermined", "undetermined"]


def test_a_wave_counts_what_has_not_moved_by_route() -> None:
    mapping = mapping_of(ROWS)
    routes = mapping.rows.column("route").to_pylist()[:-1]
    rows = mapping.rows.set_column(mapping.rows.schema.get_field_index("route"), "route", [[*routes, "orchestrator"]])
    with loaded(evidence([], []), replace(mapping, rows=rows), project_of(waves=(*WAVES, "3"))) as connection:
        found = [(row["id"], row["batch_mailboxes"], row["job_users"], row["total"]) for row in relation_rows(connection, "waves")]
    assert found == [("1", 2, 0, 3), ("2", 0, 1, 3), ("3", 0, 0, 3)]


def test_a_wave_is_copied_since_its_first_batch_was_made() -> None:
    batches = [batch("A", created=datetime(2026, 11, 9)), batch("B"), batch("2")]
    found = evidence([user("a@fab.com", "A"), user("b@fab.com", "B")], batches)
    assert seen(found, "waves", "copies_since", "name_is_taken") == [(MADE, False), (None, True)]


def test_what_the_service_says_of_a_move_is_told_of_the_mailbox() -> None:
    users = [user("a@fab.com", "A", consistency="poor", error="over quota"), user("x", "B", "g-a"), user("b@fab.com", "A", consistency="")]
    assert seen(evidence(users, []), "pairs", "target.scores", "target.errors", "target.rows") == [
        (["perfect", "poor"], ["over quota"], 1),
        ([], [], 1),
        ([], [], 1),
    ]


def test_a_score_that_was_not_collected_is_not_perfect() -> None:
    rule = a_rule("A-1", "len(target.scores) > 0", blocks=(Step.COMPLETE,))
    found = evidence([user("a@fab.com", "A", consistency=None)], [batch("A")])
    told = audited(found, mapping_of(ROWS[:1]), rule, project=project_of(waves=WAVES), step=Step.COMPLETE)
    assert told["gates"][0]["state"] == "undetermined"
