"""Reads the reference files, the bundled ones and those that a folder puts in their place; every fault of every file at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault, UsageError
from ctm_audit.reference.facts import (
    Cloud,
    FactsFile,
    HoldForm,
    HoldSuffix,
    Limit,
    MigrationLicense,
    OtherQuotas,
    Plan,
    Quota,
    QuotaChange,
    Reference,
    ScrubbingPlan,
    ServiceError,
    Sku,
    Trap,
)
from ctm_audit.reference.keys import FILES, NAMED_BY
from ctm_audit.text_files import Text, read_text, shown
from ctm_audit.toml_file import TomlFile, read_toml
from ctm_audit.toml_places import TomlPath


def load_reference(folder: Path | None = None) -> Reference:
    """The bundled facts, with every file of `folder` in the place of the bundled one of its name.

    Raises UsageError with every fault: a file that is no reference file, a key that is missing or wrong, a name that nothing has, or
    something that the bundled file says and its replacement leaves out (what rules do not find must not pass for harmless).
    """
    bundled = {name: _bundled(name) for name in FILES}
    own = _own_files(folder) if folder else {}
    chosen = {**bundled, **own}
    unreadable = _faults(chosen)
    for name, file in own.items():
        _note_left_out(file, name, bundled[name])
    if not unreadable:
        _note_doubles(chosen)
        _note_unknown_names(chosen)
        _note_unexplained(chosen["errors"])
    if faults := _faults(chosen):
        summary = f"The reference files have {len(faults)} {'fault' if len(faults) == 1 else 'faults'}."
        raise UsageError(summary, detail=faults, hint="docs/reference.md says what stands in each file")
    return _reference(chosen, own)


def known_errors() -> frozenset[str]:
    """The names in the bundled errors.toml."""
    return frozenset(row["name"] for row in _bundled("errors").values["error"])


def _bundled(name: str) -> TomlFile:
    text = files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return read_toml(Path(f"reference/{name}.toml"), Text(text), FILES[name])


def _own_files(folder: Path) -> dict[str, TomlFile]:
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    strange = [
        Fault(shown(path), 0, 0, f"no reference file has this name; known are {_names()}") for path in paths if path.stem not in FILES
    ]
    if strange or not paths:
        summary = f"{shown(folder)} is not a folder of reference files." if not strange else "Not every file is a reference file."
        raise UsageError(summary, detail=strange, hint=f"--reference takes a folder with one or more of {_names()}")
    return {path.stem: read_toml(path, read_text(path, ansi=False), FILES[path.stem]) for path in paths}


def _names() -> str:
    return ", ".join(f"{name}.toml" for name in FILES)


def _faults(chosen: Mapping[str, TomlFile]) -> list[Fault]:
    return sorted((fault for file in chosen.values() for fault in file.faults), key=lambda fault: (fault.file, fault.line, fault.column))


def _note_left_out(file: TomlFile, name: str, bundled: TomlFile) -> None:
    if file.faults:
        return
    for (of, array), key in NAMED_BY.items():
        if of == name:
            kept = {row[key] for row in file.values[array]}
            for lost in (row[key] for row in bundled.values[array] if row[key] not in kept):
                file.fault((array,), f"the bundled file has the {array} {lost!r}, which is missing here")


def _note_doubles(chosen: Mapping[str, TomlFile]) -> None:
    for (name, array), key in NAMED_BY.items():
        seen: set[str] = set()
        for number, row in enumerate(chosen[name].values[array]):
            if row[key] in seen:
                chosen[name].fault((array, number, key), f"a second {array} {row[key]!r}")
            seen.add(row[key])


def _note_unknown_names(chosen: Mapping[str, TomlFile]) -> None:
    for name, path, wanted, known in _mentions(chosen):
        if wanted not in known:
            chosen[name].fault(path, f"{wanted!r} is not in licenses.toml")


def _mentions(chosen: Mapping[str, TomlFile]) -> Iterator[tuple[str, TomlPath, str, set[str]]]:
    """Every mention of a plan or a SKU: file, place, name, and the names there are."""
    licenses, quotas = chosen["licenses"].values, chosen["quotas"].values
    plans, skus = {row["name"] for row in licenses["plan"]}, {row["id"] for row in licenses["sku"]}
    for number, row in enumerate(licenses["sku"]):
        yield from (("licenses", ("sku", number, "plans", place), plan, plans) for place, plan in enumerate(row["plans"]))
    for number, row in enumerate(licenses["trap"]):
        yield "licenses", ("trap", number, "sku"), row["sku"], skus
    for number, row in enumerate(quotas["plan"]):
        yield "quotas", ("plan", number, "name"), row["name"], plans
    for number, row in enumerate(quotas["change"]):
        yield "quotas", ("change", number, "plan"), row["plan"], plans
        yield from (("quotas", ("change", number, "skus", place), sku, skus) for place, sku in enumerate(row["skus"]))


def _note_unexplained(errors: TomlFile) -> None:
    for number, row in enumerate(errors.values["error"]):
        if bool(row["rules"]) == bool(row["unforeseen"]):
            errors.fault(("error", number), f"{row['name']!r} needs either `rules` that are to foresee it or `unforeseen`: why none can")


def _reference(chosen: Mapping[str, TomlFile], own: Mapping[str, TomlFile]) -> Reference:
    licenses, quotas, holds = (chosen[name].values for name in ("licenses", "quotas", "holds"))
    return Reference(
        files=tuple(_facts_file(name, file, name in own) for name, file in chosen.items()),
        plans={row["name"]: Plan(**row) for row in licenses["plan"]},
        skus={row["id"]: Sku(**row) for row in licenses["sku"]},
        scrubbing={row["name"]: ScrubbingPlan(**row) for row in licenses["scrubbing"]},
        traps=tuple(Trap(**row) for row in licenses["trap"]),
        migration=MigrationLicense(**licenses["migration"]),
        quotas={row["name"]: Quota(**_in_bytes(row)) for row in quotas["plan"]},
        quota_changes=tuple(QuotaChange(**_in_bytes(row)) for row in quotas["change"]),
        other_quotas=OtherQuotas(**_in_bytes(quotas["other"])),
        limits={row["name"]: Limit(**row) for row in chosen["limits"].values["limit"]},
        clouds={row["name"]: Cloud(**row) for row in chosen["clouds"].values["cloud"]},
        holds=tuple(HoldForm(**row) for row in holds["hold"]),
        hold_suffixes=tuple(HoldSuffix(**row) for row in holds["suffix"]),
        errors={row["name"]: ServiceError(**row) for row in chosen["errors"].values["error"]},
    )


def _facts_file(name: str, file: TomlFile, overridden: bool) -> FactsFile:
    return FactsFile(name, file.values["checked"], file.values["sources"], file.digest, overridden)


def _in_bytes(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row under the names of the facts: the readers have made bytes of gigabytes."""
    return {name.removesuffix("_gb"): value for name, value in row.items()}
