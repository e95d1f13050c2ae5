"""The border check: what enters a bundle has the declared types, keys and values. It finds; it gives no verdicts.

pandera can be switched off by its environment (https://pandera.readthedocs.io/en/stable/configuration.html); then nothing enters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.errors import Refused
from ctm_audit.evidence.tables import Column

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pandera


def refuse_when_switched_off() -> None:
    """Return only when pandera checks everything; raises Refused when its environment says otherwise."""
    try:
        from pandera.config import ValidationDepth, get_config_context
    except ValueError as error:
        raise _switched_off(str(error)) from None
    config = get_config_context()
    if not config.validation_enabled or config.validation_depth is not ValidationDepth.SCHEMA_AND_DATA or config.use_narwhals_backend:
        raise _switched_off("PANDERA_… variables change what it checks")


def _switched_off(why: str) -> Refused:
    return Refused(
        f"pandera, which checks evidence at the border, is switched off or restricted: {why}.",
        hint="unset PANDERA_VALIDATION_ENABLED, PANDERA_VALIDATION_DEPTH and PANDERA_USE_NARWHALS_BACKEND, then run the command again",
    )


def outside_of_sets(table: pa.Table, columns: Sequence[Column], key: Sequence[str]) -> Mapping[str, list[int]]:
    """Row numbers of values outside their column's closed set, by column.

    Raises Refused when pandera is switched off, AssertionError when a type or a key is wrong, which is a fault of intake.
    """
    import pandas as pd

    refuse_when_switched_off()
    import pandera.pandas as pandera

    try:
        _schema(table.schema, columns, key).validate(table.to_pandas(types_mapper=pd.ArrowDtype), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return _rows_by_column(errors.failure_cases)
    return {}


def _schema(arrow: pa.Schema, columns: Sequence[Column], key: Sequence[str]) -> pandera.DataFrameSchema:
    import pandas as pd
    import pandera.pandas as pandera

    sets = {column.name: column.values for column in columns if column.values}
    declared = {
        field.name: pandera.Column(
            pd.ArrowDtype(field.type),
            nullable=field.name not in key,
            checks=_checks(field, sets.get(field.name, ())),
        )
        for field in arrow
    }
    return pandera.DataFrameSchema(declared, unique=list(key), strict=True, ordered=True)


def _checks(field: pa.Field[Any], values: tuple[str, ...]) -> list[Any]:
    import pandera.pandas as pandera

    checks = [pandera.Check.isin(values)] if values else []
    return [*checks, pandera.Check(_holds_no_null)] if pa.types.is_list(field.type) else checks


def _holds_no_null(lists: pd.Series[Any]) -> bool:
    flat = pc.list_flatten(pa.array(lists.array))
    return bool(flat.null_count == 0)


def _rows_by_column(failures: pd.DataFrame) -> Mapping[str, list[int]]:
    outside = failures["check"].astype(str).str.startswith("isin(")
    assert outside.all(), f"intake let through what it must not: {failures[~outside].to_dict('records')[:3]}"
    return {str(name): sorted(int(row) for row in rows["index"]) for name, rows in failures.groupby("column")}
