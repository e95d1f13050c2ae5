"""Writes a run folder: under a temporary name first, renamed when it is whole, never over another run."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from ctm_audit.engine.arrow import BLOCK_ROWS, in_order, plain
from ctm_audit.engine.beside import beside
from ctm_audit.engine.csv_file import csv_file
from ctm_audit.engine.kept import keep_relations
from ctm_audit.engine.run import Run
from ctm_audit.engine.runs import DOCUMENT, FINDINGS, MAILBOXES
from ctm_audit.progress import tell

BATCH_ROWS = 100_000
ORDERED = "select * exclude (place) from findings order by place, object_kind, rowid"
SHARED = ("row_no", "id", "name", "wave", "stage")


def write_run(connection: duckdb.DuckDBPyConnection, run: Run, runs: Path, page: Callable[[Path], None]) -> Path:
    """Write the run of the connection below `runs` and return its folder; `page` adds the report to the folder given."""
    tell("Writing the run")
    document = run.document
    runs.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=runs))
    try:
        with beside(connection, {}) as (pool, own):
            findings_written = pool.submit(lambda: _write_findings(own(), folder))
            _write_parquet(_mailboxes_with_facts(connection, run.pairs), folder / MAILBOXES)
            findings_written.result()
        keep_relations(connection, run.rules, run.catalogue, folder)
        write_junit(document, folder / "junit.xml")
        (folder / DOCUMENT).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
        page(folder)
        return _renamed(folder, runs, f"{document['now'][:10]}-{document['step']}-{document['run_id']}")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _mailboxes_with_facts(connection: duckdb.DuckDBPyConnection, pairs: pa.Table) -> Iterator[pa.Table]:
    """Every mailbox with all evidence that a rule read about it, in the order of the mapping and in blocks.

    The lock is no evidence: the first audit writes it, and the second must give the same bytes.
    """
    verdicts = in_order(connection.sql("select * from mailboxes").to_arrow_table())
    facts = pairs.drop([name for name in pairs.column_names if name in SHARED or name.startswith("lock.")])
    if verdicts.num_rows < facts.num_rows:
        facts = facts.take(pc.subtract(verdicts["row_no"], 1))
    for first in range(0, max(1, verdicts.num_rows), BLOCK_ROWS):
        block = verdicts.slice(first, BLOCK_ROWS).drop(["row_no"])
        for name, column in zip(facts.column_names, facts.slice(first, BLOCK_ROWS).columns, strict=True):
            block = block.append_column(name, plain(column))
        yield block


def _renamed(folder: Path, runs: Path, name: str) -> Path:
    number = 1
    while True:
        target = runs / (name if number == 1 else f"{name}-{number}")
        if not target.exists():
            try:
                return folder.rename(target)
            except FileExistsError:
                pass
            except OSError:
                if not target.exists():
                    raise
        number += 1


def _write_parquet(blocks: Iterable[pa.Table], path: Path) -> None:
    writer: pa.parquet.ParquetWriter | None = None
    try:
        for block in blocks:
            writer = writer or pa.parquet.ParquetWriter(path, block.schema, compression="zstd", use_dictionary=False)
            writer.write_table(block)
    finally:
        if writer:
            writer.close()


def _write_findings(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    reader = connection.sql(ORDERED).to_arrow_reader(BATCH_ROWS)
    with (
        pa.parquet.ParquetWriter(folder / FINDINGS, reader.schema, compression="zstd", use_dictionary=False) as parquet,
        csv_file(folder / "findings.csv", reader.schema) as write,
    ):
        for batch in reader:
            parquet.write_batch(batch)
            write(batch)


def write_junit(document: Mapping[str, Any], path: Path) -> None:
    """Gates as suites and rules as cases, for pipelines; undetermined is an error, due and warnings pass with a note."""
    root = ElementTree.Element("testsuites", name="ctm-audit")
    for gate in document["gates"]:
        rules = [rule for rule in document["rules"] if rule["gate"] == gate["id"] and rule["weight"] == "blocker"]
        failures, errors = sum(rule["failed"] > 0 for rule in rules), sum(not rule["failed"] and rule["undetermined"] > 0 for rule in rules)
        suite = ElementTree.SubElement(
            root, "testsuite", name=gate["id"], tests=str(len(rules)), failures=str(failures), errors=str(errors)
        )
        for rule in rules:
            _junit_case(suite, rule)
    ElementTree.indent(root)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _junit_case(suite: ElementTree.Element, rule: Mapping[str, Any]) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=rule["gate"], name=f"{rule['id']} {rule['title']}")
    if rule["failed"]:
        ElementTree.SubElement(case, "failure", message=f"fails for {rule['failed']} of {rule['evaluated']}").text = rule["fix"]
    elif rule["undetermined"]:
        ElementTree.SubElement(case, "error", message=f"undetermined: {rule['reason'] or rule['undetermined']}")
    if rule["waived"] or rule["attested"]:
        ElementTree.SubElement(case, "system-out").text = f"waived: {rule['waived']}, stated and not observed: {rule['attested']}"


def findings(connection: duckdb.DuckDBPyConnection, most_a_rule: int | None = None) -> list[dict[str, Any]]:
    """The findings as they stand in the JSON, in order; at most `most_a_rule` of each rule when given."""
    limit = (
        f"qualify row_number() over (partition by rule order by verdict = 'undetermined', rowid) <= {most_a_rule:d}" if most_a_rule else ""
    )
    query = f"select * exclude (place) from findings {limit} order by place, object_kind, rowid"
    return [finding(row) for row in connection.sql(query).to_arrow_table().to_pylist()]


def read_findings(folder: Path) -> list[dict[str, Any]]:
    """Every finding of a written run, as it stands in the JSON."""
    return [finding(row) for row in pa.parquet.read_table(folder / FINDINGS).to_pylist()]


def finding(row: dict[str, Any]) -> dict[str, Any]:
    """A row of findings.parquet as it stands in the JSON."""
    kind, key, name = (row.pop(f"object_{part}") for part in ("kind", "id", "name"))
    first = {column: row.pop(column) for column in ("rule", "gate", "weight", "verdict")}
    return first | {"object": {"kind": kind, "id": key, "name": name}} | row


def mailboxes(connection: duckdb.DuckDBPyConnection, most: int) -> list[dict[str, Any]]:
    """The first mailboxes of the run, blocked ones first, then undetermined, ready and moved ones."""
    order = "case verdict when 'blocked' then 0 when 'undetermined' then 1 when 'ready' then 2 else 3 end"
    columns = "id, target, wave, stage, verdict, blocking, undetermined, waived, attested"
    query = f"select {columns} from mailboxes order by {order}, row_no limit {most:d}"
    rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows
