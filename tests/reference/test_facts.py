"""The bundled reference files: sound, complete, dated and sourced, and every mention in them leads somewhere."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import ctm_audit.reference as package
from ctm_audit.project_keys import CLOUDS
from ctm_audit.reference import load_reference
from ctm_audit.reference.keys import FILES, NAMED_BY

FOLDER = Path(package.__file__).parent
FACTS = load_reference()
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GB = 1024**3
# Microsoft's public list, shared with the other facts of the migration; the table is compared with it where it is at hand.
LIST = Path(__file__).parents[3] / "shared" / "facts" / "licences.md"


def raw(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def values(node: Any, key: str) -> Iterator[Any]:
    """Every value under a key, however deep."""
    children: Iterator[Any] = iter(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
    for name, child in children:
        if name == key:
            yield child
        yield from values(child, key)


def test_the_files_are_the_declared_ones() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(FILES)
    assert [file.name for file in FACTS.files] == list(FILES)
    assert not any(file.overridden for file in FACTS.files)


@pytest.mark.parametrize("name", FILES)
def test_each_file_says_when_it_was_checked_and_against_what(name: str) -> None:
    data = raw(name)
    assert type(data["checked"]) is date
    assert date(2025, 1, 1) < data["checked"]
    assert data["sources"]
    assert all(link.startswith("https://") for link in [*data["sources"], *values(data, "source")])
    assert set(values(data, "confidence")) <= {"high", "medium", "low"}
    assert all(type(day) is date for key in ("seen", "begins", "ends") for day in values(data, key))


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_plain_ascii_in_unix_lines(name: str) -> None:
    content = (FOLDER / f"{name}.toml").read_bytes()
    assert content.isascii()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")


def test_every_guid_is_well_formed_and_names_one_thing() -> None:
    licenses = raw("licenses")
    for array in ("plan", "sku", "scrubbing"):
        ids = [row["id"] for row in licenses[array]]
        assert all(map(GUID.fullmatch, ids))
        assert max(Counter(ids).values()) == 1
    assert GUID.fullmatch(FACTS.migration.sku_id)
    assert FACTS.migration.sku_id not in FACTS.skus
    assert not {plan.id for plan in FACTS.plans.values()} & set(FACTS.skus)


def test_a_plan_in_two_tables_has_one_id() -> None:
    both = set(FACTS.plans) & set(FACTS.scrubbing)
    assert len(both) >= 9
    assert all(FACTS.plans[name].id == FACTS.scrubbing[name].id for name in both)


def test_all_products_with_a_mailbox_or_an_archive_are_there() -> None:
    assert len(FACTS.skus) == 110
    assert len(FACTS.scrubbing) == 34
    used = Counter(plan for sku in FACTS.skus.values() for plan in sku.plans)
    assert used["EXCHANGE_S_ENTERPRISE"] == 47
    assert used["EXCHANGE_S_STANDARD"] == 28
    assert used["EXCHANGE_S_DESKLESS"] == 10
    assert used["EXCHANGE_S_ARCHIVE_ADDON"] == 10
    assert "EXCHANGE_S_FOUNDATION" not in used


def test_the_products_are_those_of_the_shared_list() -> None:
    """Reads ../shared where it is there; without it, one row by hand stands for the list, and the counts above hold the rest."""
    text = LIST.read_text(encoding="utf-8") if LIST.exists() else None
    skus = {(sku.id, sku.part_number, sku.product, " + ".join(sku.plans)) for sku in FACTS.skus.values()}
    scrubbing = {(plan.name, plan.id) for plan in FACTS.scrubbing.values()}
    assert ("6fd2c87f-b296-42f0-b197-1e91e994b900", "ENTERPRISEPACK", "Office 365 E3", "EXCHANGE_S_ENTERPRISE") in skus
    assert ("EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0") in scrubbing
    if text is None:
        return
    rows = re.findall(r"^\| ([^|]+) \| ([0-9a-f-]{36}) \| ([^|]+) \| ([A-Z_ +]+) \| ([^|]+) \|", text.partition("\n## 4.")[2], re.MULTILINE)
    assert skus == {(sku_id, part, product, plans) for part, sku_id, product, plans, _ in rows}
    assert {sku_id for _, sku_id, _, _, primary in rows if "Jul-Aug 2026" in primary} == set(FACTS.quota_changes[0].skus)
    names = re.findall(r"^\| ([A-Z_a-z0-9]+)[^|]* \| ([0-9a-f-]{36}) \|$", text.partition("\n## 3.")[2], re.MULTILINE)
    assert scrubbing == set(names)


def test_a_filler_or_an_archive_is_no_mailbox() -> None:
    assert {name for name in FACTS.plans if name not in FACTS.mailbox_plans} == {
        "EXCHANGE_S_ARCHIVE",
        "EXCHANGE_S_ARCHIVE_ADDON",
        "EXCHANGE_S_FOUNDATION",
        "EXCHANGE_S_FOUNDATION_GOV",
        "EXCHANGEONLINE_MULTIGEO",
    }
    assert set(FACTS.known_plans) == {*FACTS.plans, *FACTS.scrubbing, "EXCHANGEONLINE_T2TMBXMOVE"}


def test_teams_products_that_create_a_mailbox_are_named() -> None:
    for trap in FACTS.traps:
        assert set(FACTS.skus[trap.sku].plans) & set(FACTS.mailbox_plans)
    teams = {sku.id for sku in FACTS.skus.values() if re.search(r"^(TEAMS|Microsoft_Teams|MCOCAP)", sku.part_number)}
    assert {trap.sku for trap in FACTS.traps if trap.kind == "teams"} == teams


def test_every_mailbox_plan_has_its_quota_or_says_that_nobody_verified_it() -> None:
    assert set(FACTS.mailbox_plans) <= set(FACTS.quotas)
    assert FACTS.quotas["EXCHANGE_S_STANDARD"].primary == 50 * GB
    assert FACTS.quotas["EXCHANGE_S_DESKLESS"].archive == 0
    assert FACTS.quotas["EXCHANGE_S_ESSENTIALS"].primary is None
    assert FACTS.other_quotas.archive_ceiling == 1536 * GB
    assert FACTS.other_quotas.recoverable_items < FACTS.other_quotas.recoverable_items_on_hold


def test_the_change_of_2026_makes_business_mailboxes_larger() -> None:
    (change,) = FACTS.quota_changes
    assert (change.begins, change.ends) == (date(2026, 7, 1), date(2026, 8, 31))
    before = FACTS.quotas[change.plan].primary
    assert before is not None
    assert change.primary > before
    assert all(change.plan in FACTS.skus[sku].plans and "Business" in FACTS.skus[sku].product for sku in change.skus)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_mailboxes", 2000),
        ("job_users", 100),
        ("scope_objects", 5000),
        ("scope_objects_split", 10_000),
        ("auxiliary_archives", 12),
        ("concurrent_migrations", 300),
        ("validation_days", 7),
        ("delay_hold_days", 30),
        ("upn_characters", 113),
        ("upn_domain_characters", 48),
    ],
)
def test_limits(name: str, value: int) -> None:
    assert FACTS.limits[name].value == value


def test_a_upn_of_the_longest_parts_is_a_longest_upn() -> None:
    local, domain = FACTS.limits["upn_local_characters"], FACTS.limits["upn_domain_characters"]
    assert local.value + 1 + domain.value == FACTS.limits["upn_characters"].value


def test_every_cloud_that_a_project_may_name_has_its_hosts() -> None:
    assert set(CLOUDS) <= set(FACTS.clouds)
    assert {"bleu", "delos"} <= set(FACTS.clouds)
    assert FACTS.clouds["worldwide"].exchange_hosts[0] == "outlook.office.com"
    assert FACTS.clouds["china"].contradiction
    for cloud in FACTS.clouds.values():
        assert cloud.exchange_hosts
        assert cloud.exchange_api_hosts
        assert cloud.authority_hosts


def test_hold_ids_have_their_grammar() -> None:
    retains = {form.prefix: form.retains for form in FACTS.holds}
    assert retains == {"UniH": "yes", "cld": "yes", "": "yes", "mbx": "by suffix", "skp": "by suffix", "grp": "by suffix", "-mbx": "no"}
    assert {suffix.value: suffix.retains for suffix in FACTS.hold_suffixes} == {"1": "no", "2": "yes", "3": "yes"}


def test_no_two_entries_share_a_name_whatever_the_letters() -> None:
    for (name, array), key in NAMED_BY.items():
        names = [str(row[key]).casefold() for row in raw(name)[array]]
        assert len(set(names)) == len(names)


def test_every_answer_is_to_be_foreseen_or_says_why_it_cannot_be() -> None:
    assert len(FACTS.errors) == 41
    assert all(bool(error.rules) != bool(error.unforeseen) for error in FACTS.errors.values())
    assert {"EXCH-08", "MissingExchangeGuidException", "NeedsApproval", "CTM-104"} <= set(FACTS.errors)


def test_the_same_files_give_the_same_facts() -> None:
    assert load_reference() == FACTS
    assert len({file.digest for file in FACTS.files}) == len(FILES)
