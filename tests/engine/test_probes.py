"""Test moves: what a pair says of its own, and which kinds of mailboxes have too few."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engine.tenants import Evidence, Row, loaded, mapping_of, project_of, relation_rows

PLAIN: Row = {"recipient_type_details": "UserMailbox", "archive_guid": "", "aux_archives": 0}
ARCHIVE: Row = PLAIN | {"archive_guid": "a1"}
AUX: Row = ARCHIVE | {"aux_archives": 3}
SHARED: Row = PLAIN | {"recipient_type_details": "SharedMailbox"}


def judged(
    *people: tuple[Row, str], sample: int = 3, is_dir_synced: bool | None = False, **more: Any
) -> tuple[list[str] | None, list[Row]]:
    """`unproven` of the target, and the pairs, for mailboxes with the results of their test moves ('' for none)."""
    names = [f"p{number}" for number in range(len(people))]
    rows: dict[str, list[Row]] = {
        "source.mailboxes": [
            {"object_id": f"s-{name}", "upn": f"{name}@con.com", "primary_smtp": f"{name}@con.com", "exchange_guid": f"x-{name}"} | box
            for name, (box, _) in zip(names, people, strict=True)
        ],
        "target.mail_users": [
            {"object_id": f"t-{name}", "upn": f"{name}@fab.com", "primary_smtp": f"{name}@fab.com", "is_dir_synced": is_dir_synced}
            for name in names
        ],
        "target.recipients": [
            {"guid": f"g-{name}", "object_id": f"t-{name}", "primary_smtp": f"{name}@fab.com"}
            | {"recipient_type": "MailUser", "recipient_type_details": "MailUser"}
            for name in names
        ],
        "target.users": [{"object_id": f"t-{name}", "upn": f"{name}@fab.com"} for name in names],
        "target.migration_probes": [
            {"address": f"{name}@fab.com", "result": result, "message": result, "detail": ""}
            for name, (_, result) in zip(names, people, strict=True)
            if result != ""
        ],
    }
    project = project_of()
    project = replace(project, migration=replace(project.migration, probe=sample))
    mapping = mapping_of([(f"{name}@con.com", f"{name}@fab.com") for name in names])
    with loaded(Evidence(rows, **more), mapping, project) as connection:
        tenants = {row["id"]: row for row in relation_rows(connection, "tenants")}
        assert tenants["source"]["unproven"] is None
        return tenants["target"]["unproven"], relation_rows(connection, "pairs")


def test_a_pair_knows_its_own_test_move() -> None:
    _, pairs = judged((PLAIN, "success"), (PLAIN, "failed"), (PLAIN, ""))
    assert [pair["target.probe"] for pair in pairs] == ["success", "failed", ""]
    assert [pair["target.probe_answer"] for pair in pairs] == ["success", "failed", None]
    assert judged((PLAIN, ""), incomplete=frozenset({"target.migration_probes"}))[1][0]["target.probe"] is None


def test_of_each_kind_so_many_have_to_succeed() -> None:
    enough = [(PLAIN, "success")] * 3 + [(PLAIN, "")] * 5
    assert judged(*enough)[0] == []
    assert judged(*enough[1:])[0] == ["plain: 2 of 3 (7 mailboxes)"]
    assert judged(*enough, sample=0)[0] == ["plain: 3 of 8 (8 mailboxes)"]


def test_a_small_kind_needs_all_of_its_mailboxes() -> None:
    assert judged((SHARED, "success"))[0] == []
    assert judged((SHARED, "failed"))[0] == ["shared, room or equipment: 0 of 1 (1 mailboxes)"]


def test_a_mailbox_counts_for_every_kind_that_it_is_of() -> None:
    found = judged((ARCHIVE | SHARED | {"archive_guid": "a1"}, ""), (AUX, ""), is_dir_synced=True)[0]
    assert found == [
        "shared, room or equipment: 0 of 1 (1 mailboxes)",
        "synchronised: 0 of 2 (2 mailboxes)",
        "with archive: 0 of 1 (1 mailboxes)",
        "with auxiliary archives: 0 of 1 (1 mailboxes)",
    ]


@pytest.mark.parametrize("column", ["recipient_type_details", "archive_guid", "aux_archives"])
def test_of_what_kind_a_mailbox_is_may_be_unknown(column: str) -> None:
    assert judged((PLAIN | {column: None}, "success"))[0] is None


def test_whether_it_is_synchronised_or_tested_may_be_unknown() -> None:
    assert judged((PLAIN, "success"), is_dir_synced=None)[0] is None
    assert judged((PLAIN, "success"), incomplete=frozenset({"target.migration_probes"}))[0] == []
    assert judged((PLAIN, ""), incomplete=frozenset({"target.migration_probes"}))[0] is None
