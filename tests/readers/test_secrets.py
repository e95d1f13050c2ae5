"""A password, client secret or token in any column of an export is in no output: not in the bundle, not on the screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.cli.main import main
from ctm_audit.evidence.normalise import is_secret, shortened
from tests.cli_import.exporting import MAILBOXES, write_project
from tests.readers.clixml_writer import clixml

SECRETS = [
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2dyYXBoIn0.c2ln",
    "AbC8Q~planted0planted0planted0planted012",
    "Bearer planted0planted0planted0",
    "Password=planted0",
    "client_secret: planted0",
    "-----BEGIN PRIVATE KEY-----planted0",
]
PLANTED = ("planted0", "eyJhdWQi")
OTHERS = ["Password", "ClientSecret", "AccessToken", "Notes"]
COLUMNS = [*MAILBOXES[0], *OTHERS]


def as_csv(objects: list[dict[str, Any]]) -> str:
    rows = [list(objects[0]), *([str(value) for value in one.values()] for one in objects)]
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows)


FORMATS: dict[str, Callable[[list[dict[str, Any]]], str]] = {"json": json.dumps, "csv": as_csv, "xml": clixml}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_planted_secret_is_in_no_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str, secret: str
) -> None:
    monkeypatch.chdir(write_project(tmp_path))
    others = dict.fromkeys(OTHERS, "")
    boxes = [{**MAILBOXES[0], **others}, *({**MAILBOXES[1], **others, name: secret} for name in COLUMNS)]
    boxes += [{**MAILBOXES[2], **others, name: [secret]} for name in COLUMNS]
    (tmp_path / f"Get-Mailbox.{form}").write_text(FORMATS[form](boxes), encoding="utf-8", newline="")
    code = main(["import", "source", f"Get-Mailbox.{form}", "-o", "out", "--keep", "all"])
    told = capsys.readouterr()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert code == 3
    for planted in PLANTED:
        assert planted not in told.out + told.err
        assert planted.encode() not in kept


@pytest.mark.parametrize(
    "text",
    [
        "/o=ExchangeLabs/cn=Secretary",
        "passwords@contoso.com",
        "Password reset group",
        "Bearer of news",
        "X500:/o=x/cn=pwd-a",
        "eyJ",
        "abcQ~",
    ],
)
def test_ordinary_text_is_no_secret(text: str) -> None:
    assert not is_secret(text)
    assert shortened(text) == repr(text)
