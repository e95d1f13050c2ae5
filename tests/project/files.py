"""A project that is in order, for tests to break in one place."""

from __future__ import annotations

from pathlib import Path

SOURCE_ID = "11111111-2222-3333-4444-555555555555"
TARGET_ID = "99999999-2222-3333-4444-555555555555"
PROJECT = f"""\
[project]
name    = "contoso-to-fabrikam"

[source]
tenant_id      = "{SOURCE_ID}"
initial_domain = "contoso.onmicrosoft.com"

[target]
tenant_id      = "{TARGET_ID}"
initial_domain = "fabrikam.onmicrosoft.com"

[migration]
app_id          = "aaaaaaaa-2222-3333-4444-555555555555"
endpoint        = "CTM-Endpoint"
delivery_domain = "fabrikam.onmicrosoft.com"
"""
MAPPING = "source,target\nada@contoso.com,ada@fabrikam.onmicrosoft.com\n"


def write(folder: Path, *, toml: str | bytes = PROJECT, mapping: str | bytes = MAPPING) -> Path:
    """The folder, after writing a project file and a mapping into it."""
    for name, content in (("ctm-audit.toml", toml), ("mapping.csv", mapping)):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder
