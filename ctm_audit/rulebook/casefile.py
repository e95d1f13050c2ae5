"""The cases of a rule file: what the TOML says to rows, with every misspelt field named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ctm_audit.evidence.relations import JUDGED, PROJECT, RELATIONS, Field, SqlType
from ctm_audit.project_keys import kind_of
from ctm_audit.rulebook import keys
from ctm_audit.rulebook.rule import Case, Row
from ctm_audit.toml_places import Places, TomlPath

Note = Callable[[TomlPath, str], None]
PROJECT_FIELDS = {field.name: field for field in PROJECT}
LARGEST = 2**63 - 1
NOT_RELATIONS = ("name", "is", "project", "incomplete")


def read_cases(note: Note, value: Any, over: Any, places: Places) -> tuple[Case, ...]:
    """The cases that could be read; `note` is told of every fault."""
    if not isinstance(value, list):
        note((keys.CASES,), "needs cases, each under [[case]]")
        return ()
    found = (_case(note, number, case, over, places) for number, case in enumerate(value))
    return tuple(case for case in found if case)


def _case(note: Note, number: int, value: Any, over: Any, places: Places) -> Case | None:
    path: TomlPath = (keys.CASES, number)
    if not isinstance(value, dict):
        note(path, "a case is a table: write [[case]]")
        return None
    rows = {name: _rows(note, (*path, name), name, value[name]) for name in value if name not in NOT_RELATIONS}
    if over in JUDGED and not rows.get(over):
        note(path, f"a case needs a row to judge: [[case.{over}]]")
    name = _read(note, (*path, "name"), keys.text, value)
    verdict = _read(note, (*path, "is"), keys.case_verdict, value)
    project = _project(note, (*path, "project"), value.get("project", {}))
    incomplete = _incomplete(note, (*path, "incomplete"), value.get("incomplete", {}), rows)
    return Case(name, verdict, rows, project, incomplete, places.of_key(path)[0])


def _read(note: Note, path: TomlPath, reader: keys.Reader, case: Mapping[str, Any]) -> Any:
    key = str(path[-1])
    try:
        if key not in case:
            raise ValueError("it is missing")
        return reader(case[key])
    except ValueError as error:
        note(path, f"`{key}` of a case: {error}")
        return ""


def _rows(note: Note, path: TomlPath, name: str, value: Any) -> tuple[Row, ...]:
    if name not in RELATIONS:
        note(path, f"there is no relation {name}; docs/relations.md lists them")
        return ()
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        note(path, f"rows of {name} stand under [[case.{name}]]; {name} = [] is collected and empty")
        return ()
    fields = {field.name: field for field in RELATIONS[name].fields if field.name not in PROJECT_FIELDS}
    return tuple(_row(note, (*path, number), fields, name, row) for number, row in enumerate(value))


def _project(note: Note, path: TomlPath, value: Any) -> Row:
    if not isinstance(value, dict):
        note(path, "facts of the project stand under [case.project]")
        return {}
    return _row(note, path, PROJECT_FIELDS, "project", {"project": value})


def _row(note: Note, path: TomlPath, fields: Mapping[str, Field], relation: str, row: Mapping[str, Any]) -> Row:
    found = {}
    for name, value in flattened(row):
        place = (*path, *name.split(".")[1 if relation == "project" else 0 :])
        if name not in fields:
            hint = "; project facts stand under [case.project]" if name in PROJECT_FIELDS else ""
            note(place, f"{relation} has no field {name}{hint}")
            continue
        try:
            found[name] = typed(value, fields[name].type)
        except ValueError as error:
            note(place, f"{name}: {error}")
    return found


def flattened(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a row with their dotted names."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def typed(value: Any, sql_type: SqlType) -> Any:
    """The value, when it is one of that SQL type; times become naive UTC. ValueError otherwise."""
    match sql_type, value:
        case ("VARCHAR", str()) | ("BOOLEAN", bool()):
            return value
        case "BIGINT", int() if not isinstance(value, bool) and abs(value) <= LARGEST:
            return value
        case "TIMESTAMP", datetime():
            return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        case "VARCHAR[]", list() if all(isinstance(member, str) for member in value):
            return value
    raise ValueError(f"a value of type {sql_type} is needed, this is {kind_of(value)}")


def _incomplete(note: Note, path: TomlPath, value: Any, rows: Mapping[str, object]) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(reason, str) and reason.strip() for reason in value.values()):
        note(path, '[case.incomplete] holds lines such as target_recipients = "cut after 1,000 rows"')
        return {}
    for name in value:
        if name not in rows:
            note((*path, name), f"{name} is called incomplete, but the case has no rows of it; {name} = [] is collected and empty")
    return value
