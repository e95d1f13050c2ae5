"""What judging says beside the verdict: gaps with their origin, texts, owners, and commands that no value can break out of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from ctm_audit.evidence.relations import RELATIONS
from ctm_audit.model import Owner
from ctm_audit.rulebook.cases import Evidence, texts
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, gaps, macros, text_query, verdict_query
from ctm_audit.rulebook.sandbox import open_sandbox, tables_of
from tests.rulebook.make import checked, rule

EVERYTHING = {name: frozenset(relation.by_name) for name, relation in RELATIONS.items()}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_sandbox() as opened:
        yield opened


def catalogue(
    *, without: tuple[str, ...] = (), cut: tuple[str, ...] = (), why: dict[str, str] | None = None, nulls: tuple[str, ...] = ()
) -> Catalogue:
    """A run that collected everything but the fields `without` (relation or relation:field) and has all rows but of `cut`."""
    fields = {
        name: frozenset(field for field in known if f"{name}:{field}" not in without)
        for name, known in EVERYTHING.items()
        if name not in without
    }
    return Catalogue(fields, frozenset(fields) - set(cut), why or {}, lambda relation, field: f"{relation}:{field}" in nulls)


LOOKUP = "(select count(*) from source_mailboxes m where m.upn = this.source.upn) = 0"


def test_nothing_lacks_when_everything_was_collected() -> None:
    assert gaps(checked(passes=LOOKUP), catalogue()) == ()


def test_a_field_that_was_not_collected_is_named_with_its_origin_and_the_reason() -> None:
    why = {"source.mailboxes.upn": "the export has no column UserPrincipalName"}
    (gap,) = gaps(checked(), catalogue(without=("pairs:source.upn", "source_mailboxes:upn"), why=why))
    assert gap.reason == "needs source Get-Mailbox.UserPrincipalName, which was not collected (the export has no column UserPrincipalName)"
    assert gap.reads == ("source.mailboxes.upn",)
    assert gap.tables == ("source.mailboxes",)


def test_of_a_field_made_of_several_only_the_missing_evidence_is_named() -> None:
    why = {"target.recipients": "no file holds it", "target.mail_users": "cut after 1,000 rows"}
    lacking = catalogue(without=("pairs:target.found", "target_recipients"), cut=("target_mail_users",), why=why)
    (gap,) = gaps(checked(passes="target.found"), lacking)
    assert gap.tables == ("target.recipients",)
    assert "no file holds it" in gap.reason
    assert "cut" not in gap.reason


def test_a_relation_that_was_not_collected_is_named_once() -> None:
    why = {"source.mailboxes": "no file holds it"}
    (gap,) = gaps(checked(passes=LOOKUP), catalogue(without=("source_mailboxes",), why=why))
    assert gap.reason == "needs Get-Mailbox of the source tenant, which was not collected (no file holds it)"
    assert gap.reads == ("source.mailboxes.upn",)


def test_counting_rows_alone_needs_the_table_too() -> None:
    counted = checked(passes="(select count(*) from source_mailboxes m) >= source.hits")
    (gap,) = gaps(counted, catalogue(without=("source_mailboxes",)))
    assert gap.tables == ("source.mailboxes",)
    assert gaps(counted, catalogue(cut=("source_mailboxes",)))[0].reason == "Get-Mailbox of the source tenant may lack rows"


def test_what_nobody_called_complete_is_incomplete() -> None:
    assert gaps(checked(passes=LOOKUP), Catalogue(EVERYTHING, frozenset(), {}, lambda _relation, _field: False))


def test_an_unknown_cell_in_a_looked_up_column_is_a_gap() -> None:
    (gap,) = gaps(checked(passes=LOOKUP), catalogue(nulls=("source_mailboxes:upn",)))
    assert gap.reason == "source Get-Mailbox.UserPrincipalName is unknown in some rows"
    assert gaps(checked(passes=LOOKUP), catalogue(nulls=("source_mailboxes:object_id",))) == ()


def test_texts_commands_and_owners_need_their_evidence_too() -> None:
    told = checked(
        expected="source.legacy_exchange_dn",
        found="array_to_string(target.smtp, ', ')",
        command="Set-MailUser <target.primary_smtp>",
        owner=Owner.TARGET_ADMIN,
        edits="target",
    )
    for field in ("source.legacy_exchange_dn", "target.smtp", "target.primary_smtp", "target.is_dir_synced"):
        assert len(gaps(told, catalogue(without=(f"pairs:{field}",)))) == 1, field


def test_all_gaps_are_told_at_once() -> None:
    found = gaps(
        checked(passes=f"{LOOKUP} and target.hits = 1"),
        catalogue(without=("pairs:source.upn", "pairs:target.hits"), cut=("source_mailboxes",)),
    )
    assert len(found) == 3


def test_project_facts_have_no_origin_and_still_are_needed() -> None:
    (gap,) = gaps(checked(passes="project.now > timestamp '2027-01-01'"), catalogue(without=("pairs:project.now",)))
    assert gap.reason == "needs project.now, which was not collected"
    assert gap.reads == ()


def test_the_macro_exists_when_its_table_does() -> None:
    assert len(macros(catalogue())) == 1
    assert macros(catalogue(without=("target_accepted_domains:match_subdomains",))) == ()


def told(connection: duckdb.DuckDBPyConnection, found: CheckedRule, **row: Any) -> dict[str, str | None]:
    dotted = {name.replace("__", "."): value for name, value in row.items()}
    return texts(connection, found, Evidence({"pairs": (dotted,)}, {}))


@pytest.mark.parametrize(
    ("owner", "synced", "becomes"),
    [
        (Owner.TARGET_ADMIN, True, "on-prem-admin"),
        (Owner.TARGET_ADMIN, False, "target-admin"),
        (Owner.TARGET_ADMIN, None, "target-admin"),
    ],
)
def test_who_masters_the_object_repairs_it(connection: duckdb.DuckDBPyConnection, owner: Owner, synced: bool | None, becomes: str) -> None:
    assert told(connection, checked(owner=owner, edits="target"), source__upn="a", target__is_dir_synced=synced)["owner"] == becomes


def test_a_rule_whose_fix_edits_no_directory_object_keeps_its_owner() -> None:
    assert checked(owner=Owner.TARGET_ADMIN).mastered_on_premises is None


def test_a_cloud_command_is_withheld_for_an_object_mastered_on_premises(connection: duckdb.DuckDBPyConnection) -> None:
    found = checked(command="Set-MailUser -Identity <source.upn>", shell="exo", edits="target")
    assert told(connection, found, source__upn="a", target__is_dir_synced=True)["command"] is None
    assert told(connection, found, source__upn="a", target__is_dir_synced=False)["command"] == "Set-MailUser -Identity 'a'"


COMMAND = "Set-MailUser -Identity <target.upn> -EmailAddresses @{ Add = <expected> } -X <source.hits> -Y <source.found> -Z <target.smtp>"


def rendered(connection: duckdb.DuckDBPyConnection, upn: str | None, smtp: list[str] | None = None) -> str | None:
    found = checked(expected="'X500:' || source.upn", command=COMMAND, shell="exo")
    return told(connection, found, source__upn=upn, target__upn="t", source__hits=2, source__found=True, target__smtp=smtp or ["a", "b"])[
        "command"
    ]


def test_a_command_is_filled_with_powershell_literals(connection: duckdb.DuckDBPyConnection) -> None:
    assert rendered(connection, "o'brien") == (
        "Set-MailUser -Identity 't' -EmailAddresses @{ Add = 'X500:o''brien' } -X 2 -Y $true -Z @('a', 'b')"
    )


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("'; Remove-Mailbox x; '", "'X500:''; Remove-Mailbox x; '''"),
        ("\u2019; Remove-Mailbox x; '", "('X500:' + [char]8217 + '; Remove-Mailbox x; ''')"),
        ("\u201a\u201b", "('X500:' + [char]8218 + '' + [char]8219 + '')"),
        ("J\u00fcrgen", "('X500:J' + [char]252 + 'rgen')"),
        ("\U0001f600", "('X500:' + [char]::ConvertFromUtf32(128512) + '')"),
        ("a\r\nRemove-Mailbox x", "('X500:a' + [char]13 + '' + [char]10 + 'Remove-Mailbox x')"),
        ("\0\u202e\u2028", "('X500:' + [char]0 + '' + [char]8238 + '' + [char]8232 + '')"),
        ("$(Remove-Mailbox x)", "'X500:$(Remove-Mailbox x)'"),
        ('`n"', "'X500:`n\"'"),
        ("<target.upn>", "'X500:<target.upn>'"),
        ("{expected} %s \\0 $0", "'X500:{expected} %s \\0 $0'"),
        ("", "'X500:'"),
    ],
)
def test_a_value_stays_a_value(connection: duckdb.DuckDBPyConnection, value: str, literal: str) -> None:
    command = rendered(connection, value)
    assert command is not None
    assert f"Add = {literal} }}" in command


def test_elements_of_a_list_are_quoted_one_by_one(connection: duckdb.DuckDBPyConnection) -> None:
    command = rendered(connection, "a", ["x'y", "z, 'w", "\u00e9"])
    assert command is not None
    assert command.endswith("-Z @('x''y', 'z, ''w', ('' + [char]233 + ''))")


def test_an_unknown_value_means_no_command(connection: duckdb.DuckDBPyConnection) -> None:
    assert rendered(connection, None) is None


def test_the_reason_names_what_is_unknown_in_the_row(connection: duckdb.DuckDBPyConnection) -> None:
    found = checked(applies="source.found", passes="source.upn = target.upn")
    reason = told(connection, found, target__upn="a", source__found=True)["reason"]
    assert reason == "unknown for this object: source.upn (source Get-Mailbox.UserPrincipalName)"


def test_texts_are_made_for_the_wanted_rows_only(connection: duckdb.DuckDBPyConnection) -> None:
    found = checked()
    with tables_of(connection, found, {"pairs": [{"source.upn": name} for name in "abcd"]}):
        rows = connection.execute(text_query(found, rows="row_no in (2, 4)")).fetchall()
    assert sorted((row[0], row[2]) for row in rows) == [(2, "b"), (4, "d")]


def test_the_predicate_is_computed_from_narrow_structs() -> None:
    query = verdict_query(checked(passes="source.upn = target.upn and stage = 'a'"), incomplete=False)
    assert 'struct_pack("upn" := "source.upn") as "source"' in query
    assert "smtp" not in query


def test_every_refusal_of_a_rule_is_told() -> None:
    from ctm_audit.rulebook.judging import check_rule

    broken = rule(
        applies="upn = 'a'", passes="source.upn is null", expected="lower('a')", found="target.smtp", command="Do <nothing> <expected>"
    )
    found, refused = check_rule(broken)
    assert found is None
    assert [key for key, _ in refused] == ["applies", "passes", "expected", "found", "command"]


def test_a_command_is_offered_only_where_it_is_safe(connection: duckdb.DuckDBPyConnection) -> None:
    found = checked(command="Set-MailUser -Identity <source.upn>", shell="exo", safe_when="target.exchange_guid = ''")
    assert told(connection, found, source__upn="a", target__exchange_guid="")["command"] == "Set-MailUser -Identity 'a'"
    assert told(connection, found, source__upn="a", target__exchange_guid="b")["command"] is None
    assert told(connection, found, source__upn="a")["command"] is None
