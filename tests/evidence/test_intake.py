"""The border: what comes in, what is NULL, what is missing, what was dropped, and what is said about each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.errors import Fault
from ctm_audit.evidence import tables
from ctm_audit.evidence.cells import NAMED
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.evidence.tables import MAILBOXES, SIDES, TABLES, Side
from tests.evidence.exported import WHEN, mailbox, object_id, take_in


def without(thing: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if name not in names}


def test_a_whole_export_is_complete_and_sorted_and_typed() -> None:
    found = take_in("mailboxes", [mailbox(number) for number in range(5)])
    assert found.table.column_names == [column.name for column in MAILBOXES.columns_of("source")]
    assert found.table["object_id"].to_pylist() == sorted(object_id(number) for number in range(5))
    row = next(row for row in found.table.to_pylist() if row["object_id"] == object_id(3))
    assert row["upn"] == "user3@contoso.com"
    assert row["smtp"] == ["user3@contoso.com", "u3@contoso.onmicrosoft.com"]
    assert row["x500"] == ["/o=ex/cn=a b"]
    assert row["archive_guid"] == ""
    assert (row["quota"], row["has_quota"], row["archive_quota"], row["has_archive_quota"]) == (107_374_182_400, True, 0, False)
    assert (row["is_soft_deleted"], row["in_place_holds"], row["aux_archives"]) == (False, [], 0)
    assert (found.losses, found.holes, found.remarks, found.missing) == ((), (), (), {})
    assert (found.received, found.dropped, found.expected, found.collected_at) == (5, 0, None, WHEN)


@pytest.mark.parametrize("fold", [str.upper, str.lower, str.swapcase])
def test_property_names_match_in_any_letter_case(fold: Any) -> None:
    odd = {fold(name): value for name, value in mailbox(1).items()}
    assert take_in("mailboxes", [odd]).table.equals(take_in("mailboxes", [mailbox(1)]).table)


def test_an_object_with_a_property_in_two_letter_cases_is_left_out() -> None:
    found = take_in("mailboxes", [mailbox(1), {**mailbox(2), "upn": 1, "UPN": 2}])
    assert found.table.num_rows == 1
    assert "different letter case" in found.losses[0]


@pytest.mark.parametrize(("property_name", "columns"), [("DelayHoldApplied", ["delay_hold"]), ("EmailAddresses", ["smtp", "x500", "x400"])])
def test_a_property_that_no_object_has_is_a_missing_column(property_name: str, columns: list[str]) -> None:
    found = take_in("mailboxes", [without(mailbox(number), property_name) for number in range(3)])
    assert list(found.missing) == columns
    assert set(found.missing.values()) == {f"{property_name} is in none of the objects"}
    assert not set(columns) & set(found.table.column_names)
    assert found.losses == ()


def test_a_property_that_some_objects_lack_is_null_there() -> None:
    found = take_in("mailboxes", [mailbox(1), without(mailbox(2), "DelayHoldApplied"), mailbox(3)])
    cells = dict(zip(found.table["object_id"].to_pylist(), found.table["delay_hold"].to_pylist(), strict=True))
    assert cells == {object_id(1): False, object_id(2): None, object_id(3): False}
    assert found.holes == ("DelayHoldApplied is missing in 1 of 3 objects",)
    assert found.losses == ()


@pytest.mark.parametrize(
    "flattened", ["System.String[]", "Microsoft.Exchange.Data.ProxyAddressCollection", None, "", "SMTP:a@x.com smtp:b@x.com|x"]
)
def test_flattened_everywhere_is_missing_and_in_one_object_null(flattened: Any) -> None:
    everywhere = take_in("mailboxes", [mailbox(number, EmailAddresses=flattened) for number in range(2)])
    assert list(everywhere.missing) == ["smtp", "x500", "x400"]
    assert "was not collected for any object" in everywhere.missing["smtp"]
    once = take_in("mailboxes", [mailbox(1, EmailAddresses=flattened), mailbox(2)])
    assert sorted(cells is None for cells in once.table["smtp"].to_pylist()) == [False, True]
    assert once.holes[0].startswith("EmailAddresses was not collected for 1 of 2 objects: ")


def test_missing_in_some_and_flattened_in_the_rest_is_missing() -> None:
    found = take_in("mailboxes", [without(mailbox(1), "InPlaceHolds"), mailbox(2, InPlaceHolds="System.Object[]")])
    assert "in_place_holds" in found.missing


@pytest.mark.parametrize("blank", ["", None])
def test_selected_but_never_fetched_is_missing(blank: Any) -> None:
    found = take_in("mailboxes", [mailbox(number, ExchangeGuid=blank) for number in range(3)])
    assert found.missing == {"exchange_guid": "ExchangeGuid is empty in every object: it was selected, but never fetched"}
    assert "exchange_guid" in take_in("mailboxes", [mailbox(1, ExchangeGuid=blank), mailbox(2)]).table.column_names


def test_the_zero_guid_is_a_value_and_no_license_is_one_too() -> None:
    zero = "00000000-0000-0000-0000-000000000000"
    found = take_in("mailboxes", [mailbox(number, ExchangeGuid=zero, PersistedCapabilities=[]) for number in range(3)])
    assert found.missing == {}
    assert found.table["exchange_guid"].to_pylist() == ["", "", ""]
    assert found.table["capabilities"].to_pylist() == [[], [], []]


def test_a_list_that_is_empty_everywhere_although_it_cannot_be() -> None:
    found = take_in("mailboxes", [mailbox(number, EmailAddresses=[]) for number in range(3)])
    assert set(found.missing) == {"smtp", "x500", "x400"}


def test_a_senseless_value_is_null_and_named_with_its_object() -> None:
    found = take_in("mailboxes", [mailbox(1, ArchiveGuid="1.23E+15" + "0" * 500), mailbox(2)])
    assert sorted(found.table["archive_guid"].to_pylist(), key=str) == ["", None]
    assert len(found.holes) == 1
    assert "ArchiveGuid makes no sense for 1 of 2 objects: 'User1@Contoso.com': '1.23e+15" in found.holes[0]
    assert len(found.holes[0]) < 200


@pytest.mark.parametrize("value", ["a\ud800", "\udcff"])
@pytest.mark.parametrize(("property_name", "column"), [("LegacyExchangeDN", "legacy_exchange_dn"), ("EmailAddresses", "x500")])
def test_what_is_no_text_is_null_and_named(value: str, property_name: str, column: str) -> None:
    odd = f"X500:{value}"
    found = take_in("mailboxes", [mailbox(1, **{property_name: [odd] if column == "x500" else odd}), mailbox(2)])
    assert sorted(cell is None for cell in found.table[column].to_pylist()) == [False, True]
    assert any("is not readable text" in hole and "User1@Contoso.com" in hole for hole in found.holes)
    assert all(hole.isprintable() for hole in found.holes)


def test_rows_without_key_are_named_and_make_the_table_incomplete() -> None:
    found = take_in("mailboxes", [mailbox(1), mailbox(2, ExternalDirectoryObjectId=""), mailbox(3, ExternalDirectoryObjectId="no guid")])
    assert found.table.num_rows == 1
    assert found.dropped == 2
    assert found.losses == ("2 objects without ExternalDirectoryObjectId left out: 'User2@Contoso.com', 'User3@Contoso.com'",)


@pytest.mark.parametrize(
    ("table", "thing", "property_name"),
    [
        ("mailboxes", mailbox(2), "RecipientTypeDetails"),
        ("group_members", {"Name": "x", "ExternalDirectoryObjectId": object_id(2)}, "RecipientType"),
    ],
)
def test_rows_of_types_that_have_no_key_are_harmless(table: str, thing: dict[str, Any], property_name: str) -> None:
    keyless = {**thing, "ExternalDirectoryObjectId": None, property_name: TABLES[table].keyless[0]}
    found = take_in(table, [thing, keyless], part="CTMAllowed")
    assert (found.losses, found.table.num_rows) == ((), 1)
    assert found.remarks[0].startswith("1 object of a type that has no key left out: ")


def test_no_key_at_all_makes_no_table() -> None:
    with pytest.raises(NotCollected, match="ExchangeGuid is in none of the objects"):
        take_in("mailboxes", [without(mailbox(1), "ExternalDirectoryObjectId", "ExchangeGuid")])
    with pytest.raises(NotCollected, match="never fetched"):
        take_in("mailboxes", [mailbox(1, ExternalDirectoryObjectId="")])


def test_mailboxes_without_object_ids_are_told_apart_by_their_exchange_guid() -> None:
    found = take_in("mailboxes", [without(mailbox(number), "ExternalDirectoryObjectId") for number in (2, 1, 1)])
    assert found.missing["object_id"] == "ExternalDirectoryObjectId is in none of the objects"
    assert found.table["exchange_guid"].to_pylist() == sorted(mailbox(number)["ExchangeGuid"] for number in (1, 2))


def test_of_rows_that_contradict_each_other_none_stays() -> None:
    found = take_in("mailboxes", [mailbox(1), mailbox(2), mailbox(1, DelayHoldApplied=True)])
    assert found.table["object_id"].to_pylist() == [object_id(2)]
    assert found.losses == (f"2 objects with the same key and different facts: none of them can be used: {object_id(1)}, {object_id(1)}",)
    assert found.dropped == 2


def test_a_row_that_only_repeats_another_goes_and_is_counted() -> None:
    found = take_in("mailboxes", [mailbox(1), mailbox(1, RunspaceId="other"), mailbox(2)])
    assert found.table.num_rows == 2
    assert (found.losses, found.remarks) == ((), ("1 object only repeated another and left out",))


def test_a_fault_is_a_loss_and_nothing_but_faults_is_no_table() -> None:
    fault = Fault("Get-Mailbox.json", 7, 2, "the file ends in the middle: it was cut off; nothing from here on was read")
    assert take_in("mailboxes", [mailbox(1), fault]).losses == (f"not everything could be read: {fault}",)
    with pytest.raises(NotCollected, match="cut off"):
        take_in("mailboxes", [fault])


@pytest.mark.parametrize(
    ("count", "expected", "loss"), [(3, 3, None), (3, 4, "3 objects here, but 4 exported"), (0, 2, "0 objects here, but 2 exported")]
)
def test_the_count_of_the_export_is_compared(count: int, expected: int, loss: str | None) -> None:
    found = take_in("mailboxes", [mailbox(number) for number in range(count)], expected=expected)
    assert found.losses == ((loss,) if loss else ())


USER = {"UserPrincipalName": "a@x.com"}


@pytest.mark.parametrize(
    ("table", "side", "count", "expected", "complete"),
    [
        ("mailboxes", "source", 1000, None, False),
        ("mailboxes", "source", 1000, 1000, True),
        ("mailboxes", "source", 999, None, True),
        ("mailboxes", "source", 1001, None, True),
        ("users", "target", 1000, None, True),
        ("users", "target", 100, None, True),
    ],
)
def test_exactly_the_default_of_result_size_is_suspicious(table: str, side: Side, count: int, expected: int | None, complete: bool) -> None:
    objects = [{**mailbox(number), "id": object_id(number)} for number in range(count)]
    found = take_in(table, objects, side, expected=expected)
    assert (found.losses == ()) is complete
    assert complete or "-ResultSize Unlimited" in found.losses[0]


def test_no_objects_are_collected_and_empty() -> None:
    for side in SIDES:
        for table in tables.tables_of(side):
            found = take_in(table.name, [], side, part="x" if table.parts else "")
            columns = [column.name for column in table.columns_of(side)]
            assert found.table.column_names == (["part", *columns] if table.parts else columns)
            assert (found.table.num_rows, found.losses, found.missing) == (0, (), {})


def test_a_header_alone_gives_the_columns_it_names() -> None:
    names = tuple(name.upper() for name in mailbox(1) if name != "DelayHoldApplied")
    found = take_in("mailboxes", [], properties=names)
    assert found.missing == {"delay_hold": "DelayHoldApplied is not in the header"}
    with pytest.raises(NotCollected, match="ExternalDirectoryObjectId is not in the header"):
        take_in("mailboxes", [], properties=("Name",))


def test_the_part_is_a_folded_column() -> None:
    found = take_in("group_members", [{"ExternalDirectoryObjectId": object_id(1)}], part=" CTMAllowed")
    assert found.table.to_pylist() == [{"part": "ctmallowed", "object_id": object_id(1)}]
    assert found.parts == ("ctmallowed",)


def test_a_value_outside_a_closed_set_is_null_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = [replace(column, values=("Enabled",)) if column.name == "recipient_type_details" else column for column in MAILBOXES.columns]
    monkeypatch.setitem(TABLES, "mailboxes", replace(MAILBOXES, columns=tuple(closed)))
    objects = [
        mailbox(1, RecipientTypeDetails="Enabled"),
        mailbox(2, RecipientTypeDetails="Odd"),
        without(mailbox(3), "RecipientTypeDetails"),
    ]
    found = take_in("mailboxes", objects)
    cells = dict(zip(found.table["object_id"].to_pylist(), found.table["recipient_type_details"].to_pylist(), strict=True))
    assert cells == {object_id(1): "Enabled", object_id(2): None, object_id(3): None}
    assert any("RecipientTypeDetails has a value that it cannot have: 'Odd'" in hole and object_id(2) in hole for hole in found.holes)


def test_a_long_list_of_names_is_cut_and_counted() -> None:
    found = take_in("mailboxes", [mailbox(0), *(mailbox(number, ExternalDirectoryObjectId="") for number in range(1, 101))])
    assert found.losses[0].startswith("100 objects without ExternalDirectoryObjectId left out: 'User1@Contoso.com', ")
    assert found.losses[0].endswith(f"and {100 - NAMED} more")


JUNK = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=5), max_size=3) | st.just("System.String[]")
)
OBJECT = st.builds(
    lambda number, changes, gone: without({**mailbox(number), **changes}, *gone),
    st.integers(0, 4),
    st.dictionaries(st.sampled_from(list(mailbox(0))), JUNK, max_size=4),
    st.lists(st.sampled_from(list(mailbox(0))), max_size=3),
)


@settings(max_examples=40)
@given(st.lists(OBJECT | st.just(Fault("f", 1, 1, "broken")), max_size=8))
def test_rows_in_are_rows_kept_and_rows_named(items: list[Any]) -> None:
    objects = [item for item in items if not isinstance(item, Fault)]
    try:
        found = take_in("mailboxes", items)
    except NotCollected:
        return
    assert found.received == len(objects) == found.table.num_rows + found.dropped
    (key,) = MAILBOXES.key_in(found.table.column_names)
    keys = found.table[key].to_pylist()
    assert all(keys)
    assert len(set(keys)) == len(keys)
    assert bool(found.losses or found.remarks) or (found.dropped == 0 and len(objects) == len(items))
    for name in found.table.column_names:
        column = found.table[name]
        assert column.null_count == 0 or any(MAILBOXES.column(name).property in hole for hole in found.holes)


@settings(max_examples=30)
@given(st.lists(OBJECT, min_size=1, max_size=6), st.randoms())
def test_the_order_of_the_objects_changes_nothing(objects: list[Any], random: Any) -> None:
    shuffled = random.sample(objects, len(objects))
    try:
        first = take_in("mailboxes", objects)
    except NotCollected:
        with pytest.raises(NotCollected):
            take_in("mailboxes", shuffled)
        return
    assert take_in("mailboxes", shuffled).table.equals(first.table)


def test_many_blocks_give_the_same_table_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = [mailbox(number, DelayHoldApplied=None if number % 7 == 0 else number % 2 == 0) for number in range(50)]
    whole = take_in("mailboxes", objects)
    monkeypatch.setattr("ctm_audit.evidence.intake.BLOCK", 3)
    blocks = take_in("mailboxes", objects)
    assert blocks.table.equals(whole.table)
    assert (blocks.holes, blocks.received) == (whole.holes, whole.received)
