"""Folders of exported files, for tests of the import."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.evidence.exported import mailbox, object_id

TENANT = "c505fea7-83dd-4a9e-940b-92b8764f2856"
OTHER = "11111111-2222-4333-8444-555555555555"
PROJECT = f"""\
[project]
name = "test"
mapping = "mapping.csv"
scope = "subset"
keep = "all"

[source]
tenant_id = "{TENANT}"
initial_domain = "contoso.onmicrosoft.com"
bundle = "evidence/source"

[target]
tenant_id = "{OTHER}"
initial_domain = "fabrikam.onmicrosoft.com"
bundle = "evidence/target"

[migration]
app_id = "{OTHER}"
endpoint = "CTM"
delivery_domain = "fabrikam.onmicrosoft.com"
route = "mrs"
"""
MAILBOXES = [mailbox(number) for number in range(3)]
MEMBERS = [{"ExternalDirectoryObjectId": object_id(number), "RecipientType": "UserMailbox"} for number in range(2)]


def write_project(folder: Path) -> Path:
    """A project of source TENANT and target OTHER."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ctm-audit.toml").write_text(PROJECT, encoding="utf-8", newline="\n")
    (folder / "mapping.csv").write_text("source,target\n", encoding="utf-8", newline="\n")
    return folder


def write_json(folder: Path, name: str, content: Any) -> Path:
    """One JSON file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8", newline="\n")
    return folder / name


def write_export(folder: Path) -> Path:
    """Two tables of the source, exported without a record."""
    write_json(folder, "Get-Mailbox.json", MAILBOXES)
    write_json(folder, "Get-DistributionGroupMember.CTMAllowed.json", MEMBERS)
    return folder


def write_record(folder: Path, files: Sequence[Mapping[str, Any]] = (), **changes: Any) -> Path:
    """The record of an export."""
    record = {
        "format_version": "1",
        "side": "source",
        "tenant_id": TENANT,
        "initial_domain": "contoso.onmicrosoft.com",
        "cloud": "worldwide",
        "started_at": "2026-11-20T17:00:00Z",
        "finished_at": "2026-11-20T17:10:00Z",
        "tables": list(files),
    }
    return write_json(folder, "_export.json", {**record, **changes})


def recorded(file: str = "Get-Mailbox.json", count: object = 3, **more: Any) -> dict[str, Any]:
    """What a record says of one file."""
    return {
        "name": file.partition(".")[0],
        "file": file,
        "command": "…",
        "count": count,
        "collected_at": "2026-11-20T17:00:20Z",
        "error": None,
        **more,
    }
