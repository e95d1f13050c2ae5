"""What only time settles, and the lists of what must pass at each step of the domain move."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.errors import UsageError
from ctm_audit.model import DOMAIN_STEPS
from ctm_audit.rulebook.cases import Evidence, judge, texts
from ctm_audit.rulebook.load import load_book
from ctm_audit.rulebook.sandbox import open_sandbox
from ctm_audit.rulebook.syntax import Refusal
from tests.rulebook.make import checked
from tests.rulebook.test_load import GATES, RULE

NOW = datetime(2027, 1, 1)
BOOK = load_book(data_folder("rules"))
WAITING = checked(over="dns_domains", passes="len(serials) = 1", found="'two'", until="serials_until")


@pytest.mark.parametrize(
    ("serials", "until", "verdict"),
    [
        (["7"], NOW + timedelta(hours=1), "pass"),
        (["7"], None, "pass"),
        (["6", "7"], NOW + timedelta(seconds=1), "undetermined"),
        (["6", "7"], NOW, "fail"),
        (["6", "7"], None, "undetermined"),
        (None, NOW, "undetermined"),
    ],
)
def test_a_failure_that_time_may_settle_is_waited_for(serials: list[str] | None, until: datetime | None, verdict: str) -> None:
    row = {"serials": serials, "serials_until": until, "project.now": NOW}
    evidence = Evidence({"dns_domains": (row,)}, {})
    with open_sandbox() as connection:
        assert judge(connection, WAITING, evidence, [row]) == [verdict]
        told = texts(connection, WAITING, evidence)
    assert told["until"] == (until.strftime("%Y-%m-%dT%H:%M:%SZ") if until and until > NOW else None)


@pytest.mark.parametrize("name", ["serials", "no_such_time"])
def test_what_is_waited_for_is_a_time(name: str) -> None:
    with pytest.raises(Refusal, match=f"{name} is no time that dns_domains has"):
        checked(over="dns_domains", passes="len(serials) = 1", found="'two'", until=name)


def test_every_rule_about_dns_that_blocks_at_a_step_is_listed_there() -> None:
    about = {rule.id: rule for rule in BOOK.rules if rule.id.startswith(("DNS-", "TEN-"))}
    for step in DOMAIN_STEPS:
        assert set(BOOK.steps[step]) == {name for name, rule in about.items() if step in rule.blocks}, step


def test_nothing_of_other_phases_keeps_parked_mail_waiting() -> None:
    assert set(BOOK.steps[DOMAIN_STEPS[4]]) == {"DNS-PARK-08", "TEN-03"}
    assert BOOK.rule("DNS-PARK-08").rule.waivable


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ('[[step]]\nid = "park"\nrules = ["STP-78"]\n', "the step park names STP-78, which is no rule"),
        ('[[step]]\nid = "park"\nrules = ["STP-77"]\n', "the step park names STP-77, which does not block there"),
        ('[[step]]\nid = "submit"\nrules = []\n', "step 'submit': 'submit' is not one of lower-ttl, park"),
        ('[[step]]\nid = "park"\n', "a step has exactly the keys id and rules"),
        ('[[step]]\nid = "park"\nrules = []\n' * 2, "the step park stands there twice"),
    ],
)
def test_a_list_names_rules_that_exist_and_block_there(lists: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "stp").mkdir()
    (tmp_path / "gates.toml").write_text(GATES + lists, encoding="utf-8")
    (tmp_path / "stp" / "STP-77-made-up.toml").write_text(RULE, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load_book(tmp_path)
    assert message in "\n".join(map(str, refused.value.detail))
