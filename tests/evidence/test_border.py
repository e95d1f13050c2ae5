"""Nothing enters while pandera is switched off, and nothing malformed enters at all."""

from __future__ import annotations

import os
import subprocess
import sys

import pyarrow as pa
import pytest
from pandera.config import config_context

from ctm_audit.errors import Refused
from ctm_audit.evidence.border import outside_of_sets
from ctm_audit.evidence.tables import TABLES
from tests.evidence.exported import mailbox, take_in

COLUMNS = TABLES["subscribed_skus"].columns
CHECK = """
from ctm_audit.errors import Refused
from ctm_audit.evidence.border import refuse_when_switched_off
try:
    refuse_when_switched_off()
except Refused as refusal:
    raise SystemExit(refusal.exit_code)
"""


@pytest.mark.parametrize("setting", [{"validation_enabled": False}, {"validation_depth": "SCHEMA_ONLY"}, {"use_narwhals_backend": True}])
def test_intake_refuses_while_pandera_is_off(setting: dict[str, object]) -> None:
    from pandera.config import ValidationDepth

    if "validation_depth" in setting:
        setting = {"validation_depth": ValidationDepth.SCHEMA_ONLY}
    with config_context(**setting), pytest.raises(Refused, match="switched off"):  # type: ignore[arg-type]  # one setting at a time
        take_in("mailboxes", [mailbox(1)])


@pytest.mark.slow
@pytest.mark.parametrize(
    "variable", ["PANDERA_VALIDATION_ENABLED=false", "PANDERA_VALIDATION_DEPTH=SCHEMA_ONLY", "PANDERA_VALIDATION_DEPTH=nonsense"]
)
def test_the_environment_switch_is_refused_with_its_exit_code(variable: str) -> None:
    name, value = variable.split("=")
    ended = subprocess.run([sys.executable, "-c", CHECK], env={**os.environ, name: value}, check=False)
    assert ended.returncode == 5


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"sku_id": ["a", "a"]}),
        pa.table({"sku_id": ["a", None]}),
        pa.table({"sku_id": ["a", "b"], "plans": pa.array([["x", None], []], pa.list_(pa.string()))}),
    ],
)
def test_a_doubled_or_absent_key_or_a_null_in_a_list_is_our_own_fault(table: pa.Table) -> None:
    with pytest.raises(AssertionError, match="intake let through"):
        outside_of_sets(table, COLUMNS, ["sku_id"])


def test_a_sound_table_passes() -> None:
    table = pa.table({"sku_id": ["a", "b"], "plans": pa.array([["x"], None], pa.list_(pa.string()))})
    assert outside_of_sets(table, COLUMNS, ["sku_id"]) == {}
