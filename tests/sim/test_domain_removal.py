"""The step at which a domain is taken out of the source: when everybody has left it, and with one thing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit.model import Step, Verdict
from ctm_audit.sim import FAULTS, contoso_to_fabrikam
from ctm_audit.sim.domain_faults import freed
from ctm_audit.sim.export import render
from tests.sim.test_stories import Story, story

LEFT_BEHIND = {name: fault for name, fault in FAULTS.items() if fault.rule in ("DOM-05", "DOM-06", "DOM-07", "DOM-08")}
BLOCKERS = {"DOM-05", "DOM-06", "DOM-07", "DOM-08", "DOM-09"}


def failing(told: Story) -> set[tuple[str, str]]:
    return {key for key, verdict in told.findings.items() if verdict == Verdict.FAIL and key[0].startswith("DOM-")}


def test_before_the_move_the_domain_is_in_use(tmp_path: Path) -> None:
    told = story(render(contoso_to_fabrikam(people=3)), tmp_path, Step.REMOVE_DOMAIN)
    assert told.exit_code == 1
    assert failing(told) == {("DOM-05", "contoso.com"), ("DOM-06", "contoso.com"), ("DOM-08", "contoso.com")}
    assert told.findings["DOM-09", "contoso.com"] == Verdict.ATTESTED
    mailboxes = told.document["mailboxes"]
    assert (mailboxes["ready"], mailboxes["undetermined"]) == (0, mailboxes["total"]), "this step asks nothing about mailboxes"
    assert {act["ready_after"] for act in told.document["first"]} == {0}


def test_a_domain_that_nobody_bears_may_be_taken_out(tmp_path: Path) -> None:
    told = story(render(freed(contoso_to_fabrikam(people=3))), tmp_path, Step.REMOVE_DOMAIN)
    gates = {gate["id"]: gate["state"] for gate in told.document["gates"]}
    assert (told.exit_code, failing(told), gates["domains"], gates["dns"]) == (
        3,
        set(),
        "open",
        "undetermined",
    )  # nobody has asked the name servers
    judged = {rule["id"]: rule["weight"] for rule in told.document["rules"]}
    assert {rule for rule, weight in judged.items() if weight == "blocker" and rule.startswith("DOM-")} == BLOCKERS


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_one_thing_left_behind_is_named_and_nothing_else(name: str, tmp_path: Path) -> None:
    told = story(render(LEFT_BEHIND[name].plant(freed(contoso_to_fabrikam(people=3)))), tmp_path, Step.REMOVE_DOMAIN)
    assert (told.exit_code, failing(told)) == (1, {(LEFT_BEHIND[name].rule, "contoso.com")})


@pytest.mark.parametrize("lost", ["domainNameReferences", "Get-Recipient-Domain", "domains"])
def test_what_nobody_counted_keeps_the_domain_in(lost: str, tmp_path: Path) -> None:
    files = render(freed(contoso_to_fabrikam(people=3)))
    told = story({name: text for name, text in files.items() if name != f"source/{lost}.json"}, tmp_path, Step.REMOVE_DOMAIN)
    assert told.exit_code == 3


def test_a_record_of_a_person_is_needed(tmp_path: Path) -> None:
    told = story(_unstated(render(freed(contoso_to_fabrikam(people=3)))), tmp_path, Step.REMOVE_DOMAIN)
    assert (told.exit_code, told.findings["DOM-09", "contoso.com"]) == (3, Verdict.UNDETERMINED)


def _unstated(files: dict[str, str]) -> dict[str, str]:
    """The files without what people stated of the domain."""
    records = files["attestations.toml"].split("[[attestation]]")
    return files | {"attestations.toml": "[[attestation]]".join(one for one in records if '"DOM-09"' not in one)}
