"""The sample run fits docs/run.schema.json, and the schema and docs/run-format.md name the same keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ctm_audit.evidence.relations import JUDGED
from ctm_audit.model import FixKind, GateState, Stage, Verdict, Weight
from tests.report import sample

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "run.schema.json").read_text(encoding="utf-8"))
DEFS = SCHEMA["$defs"]


def faults(document: object, schema: dict[str, Any] = SCHEMA) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(document)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_sample_run_fits() -> None:
    assert faults(sample.run()) == []


def test_the_document_with_findings_fits() -> None:
    assert faults(sample.run() | {"findings": sample.findings()}) == []


def test_the_mailboxes_fit() -> None:
    assert faults(sample.mailboxes(), {"type": "array", "items": {"$ref": "#/$defs/mailbox"}, "$defs": DEFS}) == []


@pytest.mark.parametrize("change", [{"ready": "yes"}, {"extra": 1}, {"gates": [{}]}, {"as_of": "yesterday"}, {"format_version": "2"}])
def test_a_document_of_another_shape_does_not_fit(change: dict[str, Any]) -> None:
    assert faults(sample.run() | change)


def test_the_schema_knows_the_words_of_the_model() -> None:
    assert set(DEFS["gate"]["properties"]["state"]["enum"]) == set(GateState)
    assert set(DEFS["weight"]["enum"]) == set(Weight)
    assert set(DEFS["fix_kind"]["enum"]) == set(FixKind)
    assert set(DEFS["finding"]["properties"]["verdict"]["enum"]) == set(Verdict) - {"pass", "not_applicable"}
    assert set(DEFS["mailbox"]["properties"]["stage"]["enum"]) == {None, *Stage}


@pytest.mark.parametrize("part", ["", "evidence", "table", "gate", "rule", "act", "owner_work", "gap", "finding", "mailbox"])
def test_the_documentation_names_every_key(part: str) -> None:
    text = (DOCS / "run-format.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", text))
    properties = DEFS[part]["properties"] if part else SCHEMA["properties"]
    assert set(properties) - named == set()


def test_the_schema_knows_every_kind_of_object_that_rules_judge() -> None:
    kinds = set(SCHEMA["$defs"]["finding"]["properties"]["object"]["properties"]["kind"]["enum"])
    assert kinds == {relation.kind for relation in JUDGED.values()} | {"evidence"}
