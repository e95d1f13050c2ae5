"""Materialises `mail_rules`, the transport rules of both tenants."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.projection import project_fields
from ctm_audit.evidence.relations import MAIL_RULES, Field

CREATE = """
create table mail_rules as select row_number() over (order by x.side, x.name, x.guid) as row_no, {fields} from (
  select 'source' as side, * from raw.source_transport_rules union all by name
  select 'target' as side, * from raw.target_transport_rules
) x cross join project p order by row_no
"""


def create_mail_rules(connection: duckdb.DuckDBPyConnection, fields: tuple[Field, ...]) -> None:
    """Create `mail_rules` with the given fields, the source's first; `project` must be there."""
    named = [field for field in fields if field.name != "name"] + [field for field in MAIL_RULES.fields if field.name == "name"]
    connection.execute(CREATE.format(fields=project_fields(named)))
