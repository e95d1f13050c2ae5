"""Whom a bundle leaves out: only hashes of them are in it, they join with those of another bundle, and no gap is passed over."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ctm_audit import api
from ctm_audit.errors import UsageError
from ctm_audit.evidence.bundle import Bundle
from ctm_audit.evidence.others import HOLDER, HOLDS, NO_SALT, NO_SALT_HERE, OTHER_SALT, TYPE, comparable
from ctm_audit.evidence.salt import fingerprint, keyed_hash, new_salt, read_salt
from ctm_audit.evidence.tables import OTHERS, SIDES, TABLES, Side
from ctm_audit.project import load
from ctm_audit.sim import contoso_to_fabrikam
from ctm_audit.sim.export import render, write
from ctm_audit.sim.project_file import SALT

SCENARIO = contoso_to_fabrikam(people=3)
KEY = bytes.fromhex(SALT.strip())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("project")
    write(render(SCENARIO), place)
    return place


@pytest.fixture(scope="module")
def bundles(folder: Path) -> dict[Side, Bundle]:
    project, _ = load(folder)
    return {side: api.import_exports(project, side, [folder / side]).bundle for side in SIDES}


def test_what_is_hashed_are_columns_of_the_evidence() -> None:
    for name, kinds in HOLDS.items():
        columns = {column.name for column in TABLES[name].columns}
        assert columns >= {*HOLDER[name], *(one for held in kinds.values() for one in held), *([TYPE[name]] if name in TYPE else [])}
        assert kinds.keys() <= set(OTHERS.column("kind").values)


def test_nothing_plain_of_a_stranger_is_in_a_bundle(bundles: dict[Side, Bundle]) -> None:
    mapped = {row.target.casefold() for row in SCENARIO.rows}
    everybody = (*SCENARIO.target.mailboxes, *SCENARIO.target.mail_users)
    strangers = [one for one in everybody if one.object_id and one.upn.casefold() not in mapped]
    assert len(strangers) > 5
    files = sorted(bundles["target"].folder.glob("*.parquet"))
    read = [file for file in files if file.stem not in ("migration_users", "move_requests")]
    text = "\n".join(str(pq.read_table(file).to_pylist()) for file in read).casefold()
    for one in strangers:
        plain = {one.upn, one.object_id, one.guid, one.exchange_guid, *(proxy.partition(":")[2] for proxy in one.proxies)} - {""}
        assert not [word for word in plain if word.casefold() in text]
        if one.exchange_guid:
            assert keyed_hash(KEY, one.exchange_guid.lower()) in text
    assert KEY.hex() not in text + (bundles["target"].folder / "manifest.json").read_text(encoding="utf-8")


def test_hashes_of_two_bundles_join(bundles: dict[Side, Bundle], tmp_path: Path) -> None:
    mailbox = SCENARIO.mailbox(0)
    thief, *others = SCENARIO.target.contacts
    planted = SCENARIO.with_tenant("target", contacts=(replace(thief, proxies=(f"SMTP:{mailbox.primary.upper()}",)), *others))
    write(render(planted), tmp_path)
    project, _ = load(tmp_path)
    target = api.import_exports(project, "target", [tmp_path / "target"]).bundle
    plain = pq.read_table(bundles["source"].parquet("mailboxes")).to_pylist()
    addresses = {keyed_hash(KEY, address) for row in plain for address in row["smtp"]}
    found = [row for row in pq.read_table(target.parquet("others")).to_pylist() if row["hash"] in addresses]
    assert [(row["kind"], row["type"]) for row in found] == [("address", "MailContact")]
    assert {row["hash"] for row in pq.read_table(bundles["target"].parquet("others")).to_pylist()}.isdisjoint(addresses)


def test_without_the_salt_it_is_said_what_that_costs(tmp_path: Path) -> None:
    write({name: text for name, text in render(SCENARIO).items() if name != "ctm-audit.salt"}, tmp_path)
    project, _ = load(tmp_path)
    result = api.import_exports(project, "target", [tmp_path / "target"])
    assert (result.exit_code, [gap.what for gap in result.gaps]) == (3, [NO_SALT])
    assert result.bundle.absent["others"] == NO_SALT


def test_of_everybody_nobody_is_left_out(folder: Path, tmp_path: Path) -> None:
    project, _ = load(folder)
    bundle = api.import_exports(project, "target", [folder / "target"], output=tmp_path, keep="all").bundle
    assert (bundle.tables["others"].rows, bundle.tables["others"].complete) == (0, True)
    assert comparable(bundle, None) is bundle


def test_an_unknown_address_of_a_stranger_makes_the_table_incomplete(tmp_path: Path) -> None:
    files = render(SCENARIO)
    recipients = files["target/Get-Recipient.json"]
    contact = SCENARIO.target.contacts[0]
    start = recipients.index(contact.guid) - 4_000
    flattened = re.sub(r'"EmailAddresses": \[[^\]]*\]', '"EmailAddresses": "System.String[]"', recipients[start:], count=99)
    spoiled = recipients[:start] + flattened
    assert spoiled != recipients
    write(files | {"target/Get-Recipient.json": spoiled}, tmp_path)
    project, _ = load(tmp_path)
    entry = api.import_exports(project, "target", [tmp_path / "target"]).bundle.tables["others"]
    assert not entry.complete
    assert "left out of which an address or id is unknown" in entry.reason


def test_hashes_of_another_salt_say_nothing(bundles: dict[Side, Bundle]) -> None:
    target = bundles["target"]
    assert target.scope is not None
    assert target.scope.salt == fingerprint(KEY)
    assert comparable(target, KEY) is target
    assert comparable(target, bytes(32)).absent["others"] == OTHER_SALT
    assert comparable(target, None).absent["others"] == NO_SALT_HERE
    assert "others" not in comparable(target, None).tables


def test_the_same_salt_gives_the_same_bytes_and_another_one_other_hashes(bundles: dict[Side, Bundle], folder: Path, tmp_path: Path) -> None:
    write(render(SCENARIO), tmp_path)
    project, _ = load(tmp_path)
    again = api.import_exports(project, "target", [folder / "target"], output=tmp_path / "again").bundle
    assert again.digest == bundles["target"].digest
    (tmp_path / "ctm-audit.salt").write_text(new_salt(), encoding="ascii")
    other = api.import_exports(project, "target", [folder / "target"], output=tmp_path / "other").bundle
    one, two = ({row["hash"] for row in pq.read_table(bundle.parquet("others")).to_pylist()} for bundle in (again, other))
    assert one.isdisjoint(two)


@pytest.mark.parametrize("content", ["", "00" * 31, "00" * 32 + "\nx", "ZZ" * 32, "ﬀ" * 64, "\0" * 5_000_000])
def test_a_damaged_salt_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ctm-audit.salt"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="does not hold 64 hexadecimal digits"):
        read_salt(file)
    assert read_salt(tmp_path / "nothing") is None


@pytest.mark.parametrize("folded", ["/o=a/cn=müller", "/o=a/cn=mü\u00adller", "/o=a/cn=m\U0001f600ller", "/o=a/cn=möller"])
def test_what_is_not_ascii_counts_as_one_sign(folded: str) -> None:
    assert keyed_hash(KEY, folded) == keyed_hash(KEY, "/o=a/cn=m?ller")
    assert keyed_hash(KEY, folded) != keyed_hash(KEY, "/o=a/cn=mller")
