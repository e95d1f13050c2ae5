"""The product's own rule book: every rule sound, every case right, nothing takes unknown for an answer, and quickly."""

from __future__ import annotations

import time

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.rulebook.check import check_rules
from ctm_audit.rulebook.docs import differences, pages
from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.rulebook.load import load_book

BOOK = load_book(data_folder("rules"))
ASKED_FOR = """
ACC-01 ACC-04 LIC-01 LIC-02 LIC-04 IDN-02 IDN-03 IDN-06 STP-01 STP-03 STP-05 STP-06 STP-08 STP-10 STP-11 STP-12
DOM-03 TRU-08 TRU-09 TRU-12 TRU-14 TRU-14W MBX-01 MBX-02 MBX-04 MBX-09 MBX-12 MBX-12W BCH-04
"""


@pytest.mark.parametrize("rule", BOOK.checked, ids=lambda rule: rule.rule.id)
def test_every_rule_is_sound(rule: CheckedRule) -> None:
    (found,) = check_rules([rule])
    assert [str(fault) for fault in found.faults] == []
    assert found.cases >= (1 if rule.rule.attest else 3)


def test_all_rules_of_this_issue_are_there() -> None:
    assert set(ASKED_FOR.split()) <= {rule.id for rule in BOOK.rules}


def test_rules_come_in_the_order_of_their_gates() -> None:
    order = {gate.id: gate.order for gate in BOOK.gates}
    places = [(order[rule.gate], rule.id) for rule in BOOK.rules]
    assert places == sorted(places)
    assert [gate.id for gate in BOOK.gates] == [
        *(
            "evidence",
            "access",
            "licensing",
            "identity",
            "stamping",
            "domains",
            "trust",
            "mailbox",
            "delegation",
            "coexistence",
            "batch",
            "dns",
        ),
        *("post-move", "dns-cutover", "cleanup"),
    ]


def test_every_rule_shows_the_trap_that_matters_most_to_it() -> None:
    """Each rule has a case for evidence that was not collected, and one in which it does not pass."""
    for rule in BOOK.rules:
        assert {"undetermined", *(() if rule.attest else ("pass", "fail"))} <= {case.verdict for case in rule.cases}, rule.id


def test_the_documentation_is_as_generated() -> None:
    assert differences(data_folder("rules").parent / "docs", pages(BOOK)) == []


def test_the_book_loads_quickly() -> None:
    started = time.process_time()
    load_book(data_folder("rules"))
    assert time.process_time() - started < 0.02 * len(BOOK.rules)
