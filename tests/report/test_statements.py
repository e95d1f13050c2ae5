"""Waivers and attestations in the report: who said what of whom, until when, and that it opened a gate."""

from __future__ import annotations

from typing import Any

from ctm_audit.report.console import verdict_lines
from ctm_audit.report.statements_view import statement_views, statements_sentence
from tests.report import sample
from tests.report.written import page as render


def opened(**counts: int) -> dict[str, Any]:
    """The run in which every gate is open, some of it because people said so."""
    made = sample.with_verdict(ready=True)
    next(gate for gate in made["gates"] if gate["id"] == "mailbox").update(counts)
    return made


def test_each_record_says_who_what_and_until_when() -> None:
    waiver, expired, attestation = statement_views(sample.run())
    assert (waiver.who, waiver.expires, waiver.counts, waiver.lapse) == ("Megan Bowen", "2027-01-31", "counts for 1 object here", None)
    assert expired.lapse == "the waiver of Alex Wilber expired on 2027-01-01"
    assert (attestation.kind_word, attestation.role) == ("stated, not observed", "legal counsel")


def test_a_verdict_that_rests_on_records_says_so() -> None:
    run = opened(waived=2, attested=1)
    sentence = "Of what blocks here, 2 are waived and 1 is stated, not observed."
    assert statements_sentence(run) == sentence
    assert sentence in " ".join(line.text for line in verdict_lines(run))
    assert sentence in render(run, [], [])
    assert statements_sentence(opened()) == ""


def test_the_page_tells_of_all_records_and_believes_none_of_their_markup() -> None:
    page = render(sample.run(), sample.findings(), sample.mailboxes())
    section = page[page.index('<section id="statements">') : page.index('<section id="evidence"')]
    for told in (
        "Megan Bowen",
        "cleans up before Friday",
        "until 2027-01-31",
        "does not count: the waiver of Alex",
        "Diego",
    ):
        assert told in section
    assert "<b>holidays" not in section
    assert '<a href="#statements">' in page


def test_without_records_the_page_has_no_such_section() -> None:
    page = render(sample.run() | {"statements": []}, [], sample.mailboxes())
    assert "statements" not in page


def test_a_long_list_of_objects_is_cut_and_counted() -> None:
    record = sample.run()["statements"][0] | {"objects": [f"p{n}@x.com" for n in range(50)]}
    (view,) = statement_views(sample.run() | {"statements": [record]})
    assert (len(view.objects), view.objects_left_out) == (20, 30)
