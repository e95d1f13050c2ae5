"""Bundles on disk: written once and whole, never overwritten, and read only after every byte was compared.

A bundle is a folder or its zip. One that nobody signed is proof against accidents, not against exchange (SECURITY.md).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ctm_audit import __version__
from ctm_audit.errors import EvidenceGap, Refused
from ctm_audit.evidence.archive import Unpacked, unpack
from ctm_audit.evidence.cells import ARROW_TYPES
from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.manifest import IMPORT_AGAIN, MANIFEST, Bundle, TableEntry, document_of, read_manifest, render, with_digest
from ctm_audit.evidence.scope import KNOWN_KEYS, Kept, Scope
from ctm_audit.evidence.signature import SIGNATURE, read_key, signature_of
from ctm_audit.evidence.tables import TABLES, Side, Table
from ctm_audit.progress import followed

__all__ = [
    "Bundle",
    "TableEntry",
    "adopt_archive",
    "list_bundles",
    "newest_bundle",
    "open_bundle",
    "overdue",
    "sign_bundle",
    "untrusted",
    "write_bundle",
]

NAME = re.compile(r"((?:source|target|dns)-\d{8}T\d{6}Z-[0-9a-f]{8})(\.zip)?")
ROW_GROUP = 122_880  # what DuckDB reads at a time


def write_bundle(
    folder: Path,
    *,
    side: Side,
    tenant_id: str,
    initial_domain: str,
    cloud: str,
    collected_how: str,
    tables: Sequence[Intake],
    absent: Mapping[str, str],
    delete_after: date | None = None,
    kept: Kept | None = None,
) -> Bundle:
    """The new bundle below `folder`, or the one that is there already when it is the same. The same input gives the same bytes.

    `kept` says that the tables hold only objects of the mapping, and which.
    """
    by_name = sorted(tables, key=lambda table: table.name)
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".bundle-", dir=folder))
    try:
        bundle = Bundle(
            path=work,
            side=side,
            tenant_id=tenant_id,
            initial_domain=initial_domain,
            cloud=cloud,
            collected_at=min(table.collected_at for table in tables).replace(microsecond=0),
            collected_how=collected_how,
            tool_version=__version__,
            digest="",
            delete_after=delete_after,
            scope=_write_keys(work, kept) if kept else None,
            tables={table.name: _write_table(work, table) for table in followed("Writing the bundle", by_name)},
            absent=absent,
        )
        return _finish(folder, bundle)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _finish(folder: Path, bundle: Bundle) -> Bundle:
    """Give the finished bundle its name, by which it appears all at once."""
    document = with_digest(document_of(bundle))
    (bundle.path / MANIFEST).write_bytes(render(document))
    return _settle(folder, replace(bundle, digest=document["digest"]))


def _settle(folder: Path, bundle: Bundle) -> Bundle:
    """The bundle under its own name in `folder`; one that stands there already stays."""
    place = folder / bundle.name
    if place.exists():
        return open_bundle(place)
    bundle.path.rename(place)
    return replace(bundle, path=place)


def adopt_archive(path: Path, folder: Path) -> Bundle:
    """The bundle of a zip, unpacked below `folder`. Raises Refused, and leaves nothing there, when it is not as it was made."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".bundle-", dir=folder))
    try:
        unpack(path, work)
        return _settle(folder, open_bundle(work))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def sign_bundle(path: Path, key_file: Path) -> Bundle:
    """The bundle in a folder, signed with a private key. Raises Refused when another key signed it, or when it is a zip."""
    bundle, key = open_bundle(path), read_key(key_file)
    content = signature_of(bundle.digest, key)
    if bundle.unpacked:
        raise Refused(f"{path} is a zip, which is not changed.", hint="sign the bundle's folder, then ctm-audit bundle export")
    file, work = path / SIGNATURE, path.parent / f".{path.resolve().name}-{SIGNATURE}"
    if file.exists() and file.read_bytes() != content:
        raise Refused(f"{path} is signed already by {bundle.signer}.", hint="a bundle has one signature; import the exported files again")
    work.write_bytes(content)
    work.replace(file)
    return open_bundle(path)


def _write_table(folder: Path, intake: Intake) -> TableEntry:
    file = folder / f"{intake.name}.parquet"
    table = intake.table.replace_schema_metadata(None)
    _write_parquet(table, file)
    return TableEntry(
        rows=table.num_rows,
        expected=intake.expected,
        columns=tuple(table.column_names),
        missing=intake.missing,
        complete=not intake.losses,
        reason="; ".join(intake.losses),
        sha256=_sha256(file),
        parts=intake.parts,
        collected_at=intake.collected_at.replace(microsecond=0),
        holes=intake.holes,
        notes=intake.remarks,
    )


def _write_keys(folder: Path, kept: Kept) -> Scope:
    table = pa.table({"key": pa.array(sorted(kept.keys), pa.string())})
    _write_parquet(table, folder / KNOWN_KEYS)
    return Scope(kept.mapping, table.num_rows, _sha256(folder / KNOWN_KEYS), dict(sorted(kept.left_out.items())), kept.salt)


def _write_parquet(table: pa.Table, file: Path) -> None:
    pq.write_table(table, file, row_group_size=ROW_GROUP, compression="zstd", version="2.6", data_page_version="1.0", store_schema=False)


def open_bundle(path: Path) -> Bundle:
    """The bundle in a folder or zip, every file compared with the manifest; what was in a zip lives as long as the bundle is held.

    Raises Refused, naming each file, when one was changed, is missing, is not asked for or is a link.
    """
    bundle = read_manifest(path)
    if path.is_file():
        bundle = replace(bundle, unpacked=Unpacked())
        unpack(path, bundle.folder)
    faults = [*_wrong_name(bundle), *_strangers(bundle)]
    for name, entry in bundle.tables.items():
        faults += _faults_of(bundle.parquet(name), TABLES[name], entry)
    faults += _faults_of_keys(bundle.known_keys, bundle.scope) if bundle.scope else []
    if faults:
        raise Refused(f"The bundle {path} is not as it was made.", detail=faults, hint=IMPORT_AGAIN)
    return bundle


def _wrong_name(bundle: Bundle) -> Iterator[str]:
    found = NAME.fullmatch(bundle.path.resolve().name)
    if found and found[1] != bundle.name:
        yield f"{found[1]}: this bundle is called {bundle.name}"


def _strangers(bundle: Bundle) -> Iterator[str]:
    known = {MANIFEST, SIGNATURE, *([KNOWN_KEYS] if bundle.scope else []), *(f"{name}.parquet" for name in bundle.tables)}
    for entry in sorted(bundle.folder.iterdir()):
        if entry.name not in known:
            yield f"{entry.name}: not named in the manifest"


def _faults_of(file: Path, spec: Table, entry: TableEntry) -> Iterator[str]:
    if file.is_symlink() or not file.is_file():
        yield f"{file.name}: missing, or a link"
    elif _sha256(file) != entry.sha256:
        yield f"{file.name}: changed, its SHA-256 does not fit"
    elif not _holds(file, spec, entry):
        yield f"{file.name}: does not hold the rows and columns that the manifest names"


def _faults_of_keys(file: Path, scope: Scope) -> Iterator[str]:
    if file.is_symlink() or not file.is_file():
        yield f"{file.name}: missing, or a link"
    elif _sha256(file) != scope.sha256:
        yield f"{file.name}: changed, its SHA-256 does not fit"
    elif not _holds_keys(file, scope):
        yield f"{file.name}: does not hold the keys that the manifest names"


def _holds_keys(file: Path, scope: Scope) -> bool:
    try:
        found = pq.read_metadata(file)
    except (pa.ArrowException, OSError):
        return False
    return found.num_rows == scope.keys and found.schema.to_arrow_schema() == pa.schema([("key", pa.string())])


def _holds(file: Path, spec: Table, entry: TableEntry) -> bool:
    types = {"part": pa.string()} | {column.name: ARROW_TYPES[column.type] for column in spec.columns}
    try:
        found = pq.read_metadata(file)
        schema = found.schema.to_arrow_schema()
    except (pa.ArrowException, OSError):
        return False
    named = set(spec.key_in(entry.columns)) <= set(entry.columns) and tuple(schema.names) == entry.columns
    return named and found.num_rows == entry.rows and all(_same_type(field.type, types[field.name]) for field in schema)


def _same_type(found: pa.DataType, declared: pa.DataType) -> bool:
    """True for the same type; Parquet gives the members of a list a name of its own."""
    if pa.types.is_list(found) and pa.types.is_list(declared):
        return bool(found.value_type == declared.value_type)
    return bool(found == declared)


def untrusted(bundle: Bundle, signers: Collection[str]) -> str:
    """Why a bundle does not count when one of these public keys must have signed it; '' when it does, or when none is named."""
    if not signers or bundle.signer in signers:
        return ""
    return f"{bundle.path} is " + (f"signed by {bundle.signer}, which is not the key asked for" if bundle.signer else "not signed")


def overdue(bundle: Bundle, today: date) -> str:
    """The reminder that a bundle was to be deleted; '' as long as it may be kept. Nothing is ever deleted by itself."""
    if bundle.delete_after is None or today <= bundle.delete_after:
        return ""
    return f"{bundle.path} was to be deleted after {bundle.delete_after}: delete it, and every copy of it."


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_bundles(folder: Path) -> list[Path]:
    """The bundles in a folder, newest first; a folder or zip that is itself a bundle is the only one."""
    if folder.is_file() or (folder / MANIFEST).exists():
        return [folder]
    if not folder.is_dir():
        return []
    found = [entry for entry in folder.iterdir() if NAME.fullmatch(entry.name)]
    return sorted(found, key=_age, reverse=True)


def _age(path: Path) -> tuple[str, int, str]:
    """When the evidence was collected; of bundles of the same time the one written last is the newest."""
    written = path if path.is_file() else path / MANIFEST
    return path.name.split("-")[1], written.stat().st_mtime_ns if written.exists() else 0, path.name


def newest_bundle(folder: Path) -> Path:
    """The newest bundle in a folder. Raises EvidenceGap when there is none; whether it is sound, `open_bundle` tells."""
    found = list_bundles(folder)
    if found:
        return found[0]
    locked = sorted(folder.glob("*.age"))
    hint = f"ctm-audit bundle decrypt {locked[-1]}" if locked else "ctm-audit import source PATH (or target), with the exported files"
    raise EvidenceGap(f"There is no bundle in {folder}.", detail=[f"{file.name} is encrypted" for file in locked], hint=hint)
