"""The public suite of RFC 7208 gives the expected results. Reads ../shared; without it, a few cases of the same form."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.spf import check_host
from tests.dns_parts.zones import Zones

SUITE = Path(__file__).parents[3] / "shared" / "cases" / "rfc7208-tests.yml"
# Cases that the project argues with would stand here, with what it says instead; docs/dns-proofs.md gives the reasons.
ARGUED: dict[str, str] = {}


OWN: dict[str, Any] = {
    "description": "Own cases in the form of the suite",
    "tests": {
        "explained": {
            "host": "192.0.2.9",
            "helo": "h",
            "mailfrom": "a@e.example",
            "result": "fail",
            "explanation": "192.0.2.9 is not e.example",
        },
        "unseen": {"host": "192.0.2.9", "helo": "h", "mailfrom": "a@t.example", "result": "temperror"},
        "helo": {"host": "192.0.2.1", "helo": "mail.e.example", "mailfrom": "", "result": ["pass"]},
    },
    "zonedata": {
        "e.example": [{"SPF": "v=spf1 mx -all exp=why.e.example"}, {"MX": [0, "Mail.e.example."]}],
        "mail.e.example": [{"A": "192.0.2.1"}, {"TXT": ["v=spf1 ", "a -all"]}],
        "why.e.example": [{"TXT": "%{i} is not %{d}"}],
        "t.example": ["TIMEOUT"],
    },
}


def scenarios() -> list[dict[str, Any]]:
    return [OWN, *(yaml.safe_load_all(SUITE.read_text(encoding="utf-8")) if SUITE.exists() else ())]


def zones_of(data: dict[str, list[Any]]) -> Zones:
    records: dict[str, dict[str, list[str]]] = {}
    failing: dict[tuple[str, str], Outcome] = {}
    for name, entries in data.items():
        owner = name.lower()
        found = records.setdefault(owner, {})
        for entry in entries:
            if entry == "TIMEOUT":
                failing[owner, "TXT" if "TXT" not in found or found["TXT"] == ["NONE"] else "*never*"] = Outcome.TIMEOUT
                if len(entries) == 1:
                    failing[owner, "*"] = Outcome.TIMEOUT
                continue
            ((type_, value),) = entry.items()
            found.setdefault(type_, []).append(data_of(type_, value))
        found["TXT"] = [text for text in found.get("TXT", found.get("SPF", [])) if text != "NONE"]
    return Zones(records, failing)


def data_of(type_: str, value: Any) -> str:
    if type_ == "MX":
        return f"{value[0]} {value[1].removesuffix('.').lower()}"
    if type_ in ("TXT", "SPF"):
        text = "".join(value) if isinstance(value, list) else str(value)
        return text.encode("latin-1").decode("utf-8", "backslashreplace")
    return str(value).removesuffix(".")


def test_the_suite_is_whole() -> None:
    names = [name for scenario in scenarios() for name in scenario["tests"]]
    assert len(names) == len(OWN["tests"]) + (203 if SUITE.exists() else 0)
    assert set(ARGUED) <= set(names) or not SUITE.exists()


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario["description"].replace(" ", "-"))
def test_every_case_of_the_suite(scenario: dict[str, Any]) -> None:
    ask = zones_of(scenario["zonedata"])
    wrong = []
    for name, case in scenario["tests"].items():
        found = asyncio.run(check_host(case["host"], case["helo"], case["mailfrom"], ask, receiver="mx.example.org"))
        expected = [ARGUED[name]] if name in ARGUED else case["result"] if isinstance(case["result"], list) else [case["result"]]
        if found.verdict not in expected:
            wrong.append((name, found, expected))
        explanation = case.get("explanation")
        if explanation not in (None, "DEFAULT", found.explanation):
            wrong.append((name, found, explanation))
    assert not wrong
