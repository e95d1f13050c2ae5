"""Materialises `mapping_file`."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.projection import project_fields
from ctm_audit.evidence.relations import MAPPING_FILE
from ctm_audit.evidence.relations.mapping_file import mapping_id
from ctm_audit.mapping import MappingTable
from ctm_audit.project import Project

CREATE = """
create table mapping_file as select 1::bigint as row_no, {fields}
from (select $id as id, $name as name, $mailboxes::bigint as mailboxes) x cross join project p
"""


def create_mapping_file(connection: duckdb.DuckDBPyConnection, project: Project, mapping: MappingTable) -> None:
    """Create `mapping_file`; `project` must be there."""
    count = mapping.rows.num_rows
    values = {
        "id": mapping_id(project.mapping.name, mapping.digest),
        "name": f"{project.mapping.name} with {count:,} mailboxes",
        "mailboxes": count,
    }
    connection.execute(CREATE.format(fields=project_fields(MAPPING_FILE.fields)), values)
