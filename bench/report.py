"""Measures what is made of large runs: seconds, memory and size beside a floor, and Chromium's times for the page.

`python bench/report.py [--pairs N ...] [--broken N] [--formats NAME ...] [--keep FOLDER]` makes run records by multiplying the bundled
example's: with a fault at one mailbox in a thousand for every rule about mailboxes, and one in which 78 such rules fail for all of N
mailboxes. Each output is written by a process of its own, whose peak resident memory is told; the floor is DuckDB reading every column
of the record once. `--keep` leaves the records, so that a second call only measures.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.run import FLOOR, measure
from ctm_audit import api
from ctm_audit.engine.folder import BATCH_ROWS
from ctm_audit.model import Step

WRITE = """
import sys
from pathlib import Path
from ctm_audit.api import write_report
from ctm_audit.engine.runs import open_run
from ctm_audit.report.work.lists import write_work
record, name, path = open_run(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3])
write_work(record) if name == "work" else write_report(record, name, path)
"""
HEAD = "  (seconds, seconds over floor, peak MB, MB written)"
EVERY = 1_000
BROKEN_RULES = 78
SOURCE, TARGET = "('person' || i || '@contoso.com')", "('person' || i || '@fabrikam.com')"
WAVE = "case when i < {pairs} / 100 then 'pilot' when i < {pairs} / 2 then '1' else '2' end"
FINDINGS = """
select r.id as rule, r.gate, r.weight, 'fail' as verdict, 'mailbox' as object_kind, {source} as object_id,
  {source} || ' → ' || {target} as object_name, {wave} as wave,
  'X500:/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn=' || md5(r.id || i) as expected,
  'X500:/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn=' || md5(i || r.id) as found,
  r.owner, r.fix_kind, r.fix, 'Set-MailUser -Identity ''' || {target} || ''' -ExchangeGuid ''' || md5(r.id || i) || '''' as command,
  null::varchar as reason, null::varchar as until, 1::bigint as count, null::varchar as original
from rules r join range({pairs}) t(i) on {fails} order by r.place, i
"""
MAILBOXES = """
select {source} as id, {target} as target, {wave} as wave, 'prepared' as stage,
  case when len(held) > 0 then 'blocked' else 'ready' end as verdict, held as blocking,
  []::varchar[] as undetermined, []::varchar[] as other, []::varchar[] as waived, []::varchar[] as attested, {facts}
from (
  select i, {held} as held from range({pairs}) t(i), (select list(id order by place) as ids from rules)
) join example on number = i % (select count(*) from example) order by i
"""
OF_EACH = {
    "VARCHAR": """case when contains({c}, '@') then replace({c}, '@', i || '@')
      when {c} similar to '[0-9a-f]{{8}}-.*' then md5({c} || i)::uuid::varchar else {c} end""",
    "VARCHAR[]": """list_transform({c}, lambda x: case when contains(x, '@') then replace(x, '@', i || '@')
      when starts_with(x, '/o=') then x || i else x end)""",
}
"""How a fact of the example becomes the fact of person i."""
WATCH = """
new MutationObserver((changes, observer) => {
  if (!document.querySelector('[data-mailboxes][data-ready]')) return;
  window.tableAfter = performance.now();
  observer.disconnect();
}).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
"""
FILTER = """async (text) => {
  const field = document.querySelector('#filter');
  const begun = performance.now();
  field.value = text;
  field.dispatchEvent(new Event('input'));
  const done = performance.now();
  await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve));
  return [done - begun, performance.now() - begun];
}"""


def example_run(folder: Path) -> Path:
    """The run of the bundled example."""
    project, mapping = api.open_project(api.copy_example("broken", folder / "example"))
    for side in ("source", "target"):
        api.import_exports(project, side, [folder / "example" / side])
    return api.audit(project, mapping, step=Step.SUBMIT).folder


def make_record(example: Path, pairs: int, folder: Path, *, broken: bool) -> Path:
    """A run record of so many mailboxes: with one in a thousand that fails each rule, or with all that fail 78 rules."""
    folder.mkdir(parents=True)
    document = json.loads((example / "run.json").read_text(encoding="utf-8"))
    rules = [rule for rule in document["rules"] if rule["passed"] + rule["failed"] + rule["due"] > 20]
    failing = rules[:BROKEN_RULES] if broken else rules
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder / "spill")}) as connection:
        connection.execute(
            "create table rules (place bigint, id varchar, gate varchar, weight varchar, owner varchar, fix_kind varchar, fix varchar)"
        )
        for place, rule in enumerate(failing):
            values = [rule[name] for name in ("id", "gate", "weight", "owner", "fix_kind", "fix")]
            connection.execute("insert into rules values (?, ?, ?, ?, ?, ?, ?)", [place, *values])
        connection.execute(f"create table example as select *, row_number() over () - 1 as number from '{example}/mailboxes.parquet'")
        parts = {"source": SOURCE, "target": TARGET, "wave": WAVE.format(pairs=pairs), "pairs": pairs}
        one = f"case when i % {EVERY} < len(ids) then [ids[i % {EVERY} + 1]] else [] end"
        _write(connection, FINDINGS.format(fails="true" if broken else f"i % {EVERY} = r.place", **parts), folder / "findings.parquet")
        _write(connection, MAILBOXES.format(held="ids" if broken else one, facts=_facts(connection), **parts), folder / "mailboxes.parquet")
    each = pairs if broken else pairs // EVERY
    _write_document(document, {rule["id"] for rule in failing}, pairs, each, folder)
    return folder


def _facts(connection: duckdb.DuckDBPyConnection) -> str:
    """The facts of the example's people, as those of person i."""
    columns = connection.execute("describe example").fetchall()
    facts = [(f'"{name}"', kind) for name, kind, *_ in columns if "." in name]
    return ", ".join(f"{OF_EACH.get(kind, '{c}').format(c=name)} as {name}" for name, kind in facts)


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Like the engine: in blocks of as many rows, with zstd."""
    connection.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd, row_group_size {BATCH_ROWS})")


def _write_document(document: dict[str, Any], failing: set[str], pairs: int, each: int, folder: Path) -> None:
    """The example's record with the numbers of the larger run."""
    blocked = pairs if each == pairs else each * len(failing)
    document["mailboxes"] = {"total": pairs, "ready": pairs - blocked, "blocked": blocked, "undetermined": 0, "moved": 0}
    for rule in document["rules"]:
        failed = each if rule["id"] in failing else 0
        rule |= {"evaluated": pairs, "passed": pairs - failed, "failed": failed, "due": 0, "undetermined": 0, "waived": 0, "attested": 0}
    for act in document["first"]:
        act |= {"objects": each, "ready_after": pairs - blocked, "of": pairs}
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8", newline="\n")


def browsed(page: Page, path: Path) -> list[float]:
    """Milliseconds until something is painted, until the table of mailboxes works, and of the slowest of three filters with its frame."""
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    filters = [page.evaluate(FILTER, text) for text in ("person99", "stp-05", "person31@")]
    return [painted, page.evaluate("window.tableAfter"), max(script for script, _ in filters), max(frame for _, frame in filters)]


def floor_of(record: Path) -> float:
    """Seconds in which DuckDB reads every column of the record once."""
    return measure([sys.executable, "-c", FLOOR, str(record)], (0,)).seconds


def written(record: Path, name: str, floor: float) -> str:
    """One line: the format, or the work lists, of the record."""
    path = record / "work" if name == "work" else record / f"written.{name}"
    shutil.rmtree(record / "work", ignore_errors=True)
    measured = measure([sys.executable, "-c", WRITE, str(record), name, str(path)], (0,))
    size = sum(file.stat().st_size for file in (path.iterdir() if path.is_dir() else [path])) / 1_000_000
    return f"  {name:<10} {measured.seconds:>7.1f} {measured.seconds / floor:>6.1f} {measured.peak // 2**20:>8,} {size:>9.2f}"


def shown(page: Path) -> str:
    """One line: what Chromium takes for the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"])
        painted, table, script, frame = browsed(browser.new_page(), page)
        browser.close()
    return f"  Chromium   first screen {painted:.0f} ms, table {table:.0f} ms, filter {script:.0f} ms, with its frame {frame:.0f} ms"


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--broken", type=int, default=100_000)
    parser.add_argument("--formats", nargs="*", default=["html", "work"], help="what to write: work, or a format of `ctm-audit report`")
    parser.add_argument("--keep", type=Path, help="keep the made records in this folder and use them again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        wanted = [(f"{pairs:,} mailboxes, one per mille each", pairs, False) for pairs in options.pairs]
        wanted += [(f"{options.broken * BROKEN_RULES:,} findings", options.broken, True)] if options.broken else []
        missing = [name for name, pairs, broken in wanted if not (folder / f"{pairs}-{broken}").exists()]
        example = example_run(Path(temporary)) if missing else folder
        for name, pairs, broken in wanted:
            record = folder / f"{pairs}-{broken}"
            if not record.exists():
                make_record(example, pairs, record, broken=broken)
            floor = floor_of(record)
            print(f"{name}; floor {floor:.2f} s{HEAD}", flush=True)
            for form in options.formats:
                print(written(record, form, floor), flush=True)
            if "html" in options.formats:
                print(shown(record / "written.html"), flush=True)


if __name__ == "__main__":
    main()
