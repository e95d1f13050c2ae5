"""The manifest of a bundle: what was collected, what was not and why, and the digests that hold it together.

A document has exactly one rendering, so that every changed byte of the file shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from ctm_audit.errors import Refused
from ctm_audit.evidence.archive import Unpacked, read_member
from ctm_audit.evidence.scope import KNOWN_KEYS, Scope
from ctm_audit.evidence.signature import SIGNATURE, signer_of
from ctm_audit.evidence.tables import ALL_SIDES, TABLES, Side, evidence_of
from ctm_audit.model import FORMAT_VERSION

MANIFEST = "manifest.json"
NOT_ASKED = "the version of ctm-audit that made the bundle did not ask for it"
IMPORT_AGAIN = "restore the bundle from where it was made, or import the exported files again"
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class TableEntry:
    """What the manifest says of one table; `collected_at` is naive UTC, `expected` None when nobody counted.

    `missing` gives for each column that was not collected the reason; `reason` says why the table is not complete, that
    is, lacks rows; `holes` say why cells are NULL; `notes` are harmless.
    """

    rows: int
    expected: int | None
    columns: tuple[str, ...]
    missing: Mapping[str, str]
    complete: bool
    reason: str
    sha256: str
    parts: tuple[str, ...]
    collected_at: datetime
    holes: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Evidence of one side: a folder, or its zip, with a manifest and one Parquet file a table. Times are naive UTC.

    Every table of the side stands in `tables` or, with the reason, in `absent`. `tenant_id`, `initial_domain` and
    `cloud` are '' when the export does not say them. `signer` is the public key that signed it, '' for none;
    `delete_after` the last day on which it may be kept. Without a `scope` it holds facts of everybody. `unpacked` holds
    what was in a zip.
    """

    path: Path
    side: Side
    tenant_id: str
    initial_domain: str
    cloud: str
    collected_at: datetime
    collected_how: str
    tool_version: str
    digest: str
    tables: Mapping[str, TableEntry]
    absent: Mapping[str, str]
    delete_after: date | None = None
    signer: str = ""
    scope: Scope | None = None
    unpacked: Unpacked | None = field(default=None, compare=False, repr=False)

    @property
    def signed(self) -> bool:
        """Whether somebody signed it; whom to believe, the project says."""
        return bool(self.signer)

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self.unpacked.folder if self.unpacked else self.path

    @property
    def name(self) -> str:
        """The name that the bundle's folder must have."""
        return f"{self.side}-{iso(self.collected_at).replace('-', '').replace(':', '')}-{self.digest[:8]}"

    def parquet(self, table: str) -> Path:
        """The file that holds a table."""
        return self.folder / f"{table}.parquet"

    @property
    def known_keys(self) -> Path:
        """The file of the keys that a bundle with a scope can answer for."""
        return self.folder / KNOWN_KEYS


def iso(moment: datetime) -> str:
    """A naive UTC time as text, to the second."""
    return moment.isoformat(timespec="seconds") + "Z"


def render(document: Mapping[str, Any]) -> bytes:
    """The one way in which a document is written."""
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def with_digest(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document and the SHA-256 of its rendering without the digest."""
    return {**document, "digest": hashlib.sha256(render(document)).hexdigest()}


def document_of(bundle: Bundle) -> dict[str, Any]:
    """The manifest of a bundle, without its digest."""
    return {
        "format_version": FORMAT_VERSION,
        "side": bundle.side,
        "tenant_id": bundle.tenant_id,
        "initial_domain": bundle.initial_domain,
        "cloud": bundle.cloud,
        "collected_at": iso(bundle.collected_at),
        "collected_how": bundle.collected_how,
        "tool_version": bundle.tool_version,
        "delete_after": bundle.delete_after and bundle.delete_after.isoformat(),
        "scope": bundle.scope and _scope_document(bundle.scope),
        "tables": {name: _entry_document(entry) for name, entry in bundle.tables.items()},
        "absent": {name: {"reason": reason, "export": TABLES[name].export} for name, reason in bundle.absent.items()},
    }


def _scope_document(scope: Scope) -> dict[str, Any]:
    return {
        "keep": "mapped",
        "mapping": scope.mapping,
        "keys": scope.keys,
        "sha256": scope.sha256,
        "left_out": dict(scope.left_out),
        "salt": scope.salt,
    }


def _entry_document(entry: TableEntry) -> dict[str, Any]:
    return {
        "rows": entry.rows,
        "expected": entry.expected,
        "columns": list(entry.columns),
        "missing": dict(entry.missing),
        "complete": entry.complete,
        "reason": entry.reason,
        "sha256": entry.sha256,
        "parts": list(entry.parts),
        "collected_at": iso(entry.collected_at),
        "holes": list(entry.holes),
        "notes": list(entry.notes),
    }


def read_manifest(path: Path) -> Bundle:
    """The bundle in a folder or zip as its manifest tells it, the tables' files unread.

    Raises Refused when the manifest was changed or its signature does not fit.
    """
    file, data = path / MANIFEST, _content(path, MANIFEST)
    if data is None:
        raise Refused(f"{path} is not a bundle: it has no {MANIFEST} of its own.", hint=IMPORT_AGAIN)
    try:
        document = json.loads(data)
        bundle = _bundle(path, document)
        rendered = render(with_digest({name: value for name, value in document.items() if name != "digest"}))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused(f"{file} is damaged or was changed ({type(error).__name__}: {error}).", hint=IMPORT_AGAIN) from None
    if rendered != data:
        raise Refused(f"{file} was changed: its digest does not fit.", hint=IMPORT_AGAIN)
    return replace(bundle, signer=_signer(path, bundle.digest))


def _content(path: Path, name: str) -> bytes | None:
    """One file of a bundle, None when it has none of that name."""
    if path.is_file():
        return read_member(path, name)
    file = path / name
    return None if file.is_symlink() or not file.is_file() else file.read_bytes()


def _signer(path: Path, digest: str) -> str:
    data = _content(path, SIGNATURE)
    try:
        return signer_of(data, digest) if data is not None else ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refused(f"{path / SIGNATURE} is no signature of this bundle ({type(error).__name__}: {error}).", hint=IMPORT_AGAIN) from None


def _bundle(path: Path, document: Mapping[str, Any]) -> Bundle:
    if document["format_version"] != FORMAT_VERSION:
        raise ValueError(f"format_version {document['format_version']!r} is not {FORMAT_VERSION!r}")
    if document.get("signed", False) is not False:
        raise ValueError(f"it claims to be signed; only {SIGNATURE} proves that")
    side = _one_of_sides(document["side"])
    asked = {table.name for table in evidence_of(side)}
    tables = {name: _entry(side, name, raw) for name, raw in _is(document["tables"], dict).items()}
    absent = {name: _is(raw["reason"], str) for name, raw in _is(document["absent"], dict).items()}
    strangers = (tables.keys() | absent.keys()) - asked
    if strangers or tables.keys() & absent.keys():
        raise ValueError(f"{sorted(strangers or tables.keys() & absent.keys())} cannot be a table of the {side} tenant here")
    return Bundle(
        path=path,
        side=side,
        tenant_id=_is(document["tenant_id"], str),
        initial_domain=_is(document["initial_domain"], str),
        cloud=_is(document["cloud"], str),
        collected_at=_time(document["collected_at"]),
        collected_how=_is(document["collected_how"], str),
        tool_version=_is(document["tool_version"], str),
        digest=_is(document["digest"], str),
        delete_after=_day(document.get("delete_after")),
        scope=_scope(document.get("scope")),
        tables=tables,
        absent=absent | dict.fromkeys(sorted(asked - tables.keys() - absent.keys()), NOT_ASKED),
    )


def _entry(side: Side, name: str, raw: Mapping[str, Any]) -> TableEntry:
    columns = _texts(raw["columns"])
    missing = {column: _is(reason, str) for column, reason in _is(raw["missing"], dict).items()}
    asked = [column.name for column in TABLES[name].columns_of(side)]
    if unknown := (set(columns) | set(missing)) - {*asked, *TABLES[name].key}:
        raise ValueError(f"{name} cannot have the columns {sorted(unknown)}")
    return TableEntry(
        rows=_is(raw["rows"], int),
        expected=None if raw["expected"] is None else _is(raw["expected"], int),
        columns=columns,
        missing=missing | {column: NOT_ASKED for column in asked if column not in columns and column not in missing},
        complete=_is(raw["complete"], bool),
        reason=_is(raw["reason"], str),
        sha256=_is(raw["sha256"], str),
        parts=_texts(raw["parts"]),
        collected_at=_time(raw["collected_at"]),
        holes=_texts(raw["holes"]),
        notes=_texts(raw["notes"]),
    )


def _is(value: object, kind: type[Kind]) -> Kind:
    if type(value) is not kind:
        raise TypeError(f"{value!r} stands where {kind.__name__} is meant")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_is(member, str) for member in _is(value, list))


def _one_of_sides(value: object) -> Side:
    for side in ALL_SIDES:
        if value == side:
            return side
    raise ValueError(f"{value!r} is not a side")


def _time(value: object) -> datetime:
    text = _is(value, str)
    moment = datetime.fromisoformat(text.removesuffix("Z"))
    if iso(moment.replace(tzinfo=None)) != text:
        raise ValueError(f"{text!r} is not a time in UTC")
    return moment


def _scope(raw: Any) -> Scope | None:
    if raw is None:
        return None
    if raw["keep"] != "mapped":
        raise ValueError(f"{raw['keep']!r} is not a scope")
    left_out = {name: _is(count, int) for name, count in _is(raw["left_out"], dict).items()}
    return Scope(_is(raw["mapping"], str), _is(raw["keys"], int), _is(raw["sha256"], str), left_out, _is(raw.get("salt", ""), str))


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(_is(value, str))
