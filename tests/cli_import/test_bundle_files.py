"""`ctm-audit bundle export|decrypt|sign|keygen`, trusted keys, and the reminder to delete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctm_audit import api
from ctm_audit.errors import Refused
from ctm_audit.evidence.bundle import list_bundles, open_bundle
from tests.cli_import.exporting import write_export, write_record
from tests.cli_import.test_import import Run, run

__all__ = ["run"]
PASSPHRASE = "planted correct horse battery"


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Path:
    """A bundle of the source."""
    run("import", "source", write_record(write_export(tmp_path / "files")).parent)
    return list_bundles(tmp_path / "evidence" / "source")[0]


def test_export_writes_a_zip_and_never_over_it(run: Run, made: Path, tmp_path: Path) -> None:
    code, out, err = run("bundle", "export", "evidence/source")
    assert (code, out) == (0, f"{made.name}.zip\n")
    assert "Not encrypted" in err
    assert open_bundle(tmp_path / f"{made.name}.zip").digest == open_bundle(made).digest
    assert run("bundle", "export", made)[0] == 5
    code, out, _ = run("bundle", "export", made, "-o", "a.zip", "--json")
    assert (json.loads(out)["file"], json.loads(out)["encrypted"]) == ("a.zip", False)
    assert run("bundle", "verify", "a.zip")[1].startswith("sound: a.zip ")
    assert run("bundle", "show", "a.zip")[0] == run("bundle", "list", "a.zip")[0] == 0


def test_for_a_key_and_back(run: Run, made: Path, tmp_path: Path) -> None:
    code, public, _ = run("bundle", "keygen", "age.key", "--for", "encryption")
    assert code == 0
    assert public.startswith("age1")
    code, out, err = run("bundle", "export", made, "--encrypt", public.strip())
    file = Path(out.strip())
    assert (code, file.name, "Not encrypted" in err) == (0, f"{made.name}.zip.age", False)
    assert b"PAR1" not in file.read_bytes()
    assert "is encrypted for a key" in run("bundle", "decrypt", file, "-o", "in")[2]
    code, out, _ = run("bundle", "decrypt", file, "-o", "in", "--identity", "age.key")
    assert (code, Path(out.strip())) == (0, Path("in") / made.name)
    assert open_bundle(tmp_path / "in" / made.name).digest == open_bundle(made).digest
    assert run("bundle", "decrypt", file, "-o", "in", "--identity", "age.key")[0] == 0
    assert [entry.name for entry in (tmp_path / "in").iterdir()] == [made.name]


def test_with_a_passphrase_and_back(run: Run, made: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(f"{PASSPHRASE}\r\n", encoding="utf-8-sig", newline="")
    told = run("bundle", "export", made, "-o", "x.age", "--passphrase-file", "secret.txt")
    assert told[0] == 0
    (tmp_path / "other.txt").write_text("planted wrong passphrase", encoding="utf-8")
    wrong = run("bundle", "decrypt", "x.age", "-o", "in", "--passphrase-file", "other.txt")
    assert wrong[0] == 5
    assert list((tmp_path / "in").iterdir() if (tmp_path / "in").exists() else []) == []
    right = run("bundle", "decrypt", "x.age", "-o", "in", "--passphrase-file", "secret.txt")
    assert right[0] == 0
    assert "planted" not in "".join([*told[1:], *wrong[1:], *right[1:]])


def test_nobody_is_asked_where_nobody_may_be(run: Run, made: Path, tmp_path: Path) -> None:
    for command in (("--passphrase",), ("--passphrase", "--no-input")):
        code, _, err = run("bundle", "export", made, *command)
        assert code == 2
        assert "nobody may be asked" in err
    assert not list(tmp_path.glob("*.age"))


def test_a_passphrase_is_typed_twice(run: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []

    def prompt(_: str, **how: object) -> str:
        asked.append(how)
        return PASSPHRASE

    monkeypatch.setattr("ctm_audit.cli.bundle_files.sys.stdin", type("Terminal", (), {"isatty": lambda _: True})())
    monkeypatch.setattr("ctm_audit.cli.bundle_files.click.prompt", prompt)
    assert run("bundle", "export", made, "-o", "x.age", "--passphrase")[0] == 0
    assert run("bundle", "decrypt", "x.age", "-o", "in")[0] == 0
    assert [how["confirmation_prompt"] for how in asked] == [True, False]
    assert all(how["hide_input"] for how in asked)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--encrypt", "AGE-SECRET-KEY-1PLANTED"], "Recipient 1 is no public key"),
        (["--encrypt", "ssh-ed25519 planted"], "Recipient 1 is no public key"),
        (["--passphrase-file", "short.txt"], "at least 12 characters"),
        (["--passphrase-file", "nowhere.txt"], "holds no passphrase"),
        (["--passphrase-file", "empty.txt"], "holds no passphrase"),
        (["--passphrase-file", "long.txt", "--encrypt", "age1x"], "either for keys or with a passphrase"),
    ],
)
def test_what_cannot_be_used_writes_nothing_and_is_not_repeated(
    run: Run, made: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "short.txt").write_text("PLANTED", encoding="utf-8")
    (tmp_path / "long.txt").write_text(PASSPHRASE, encoding="utf-8")
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    code, out, err = run("bundle", "export", made, "-o", "x.age", *arguments)
    assert code == 2
    assert told in err
    assert "planted" not in (out + err).casefold()
    assert sorted(tmp_path.iterdir()) == before


def test_a_foreign_key_or_a_changed_file_opens_nothing(run: Run, made: Path, tmp_path: Path) -> None:
    public = run("bundle", "keygen", "mine", "--for", "encryption")[1].strip()
    run("bundle", "keygen", "other", "--for", "encryption")
    run("bundle", "export", made, "-o", "x.age", "--encrypt", public)
    assert run("bundle", "decrypt", "x.age", "-o", "in", "--identity", "other")[0] == 5
    (tmp_path / "notes.txt").write_text("AGE-SECRET-KEY-1PLANTED", encoding="utf-8")
    code, out, err = run("bundle", "decrypt", "x.age", "-o", "in", "--identity", "notes.txt")
    assert (code, "PLANTED" in out + err) == (2, False)
    data = bytearray((tmp_path / "x.age").read_bytes())
    data[-20] ^= 1
    (tmp_path / "x.age").write_bytes(data)
    assert run("bundle", "decrypt", "x.age", "-o", "in", "--identity", "mine")[0] == 5
    assert run("bundle", "decrypt", made / "manifest.json", "-o", "in", "--identity", "mine")[0] == 5
    assert run("bundle", "decrypt", "nowhere.age", "-o", "in")[0] == 2
    assert not (tmp_path / "in").exists() or not list((tmp_path / "in").iterdir())


def test_only_an_encrypted_bundle_names_the_command_that_opens_it(run: Run, made: Path, tmp_path: Path) -> None:
    public = run("bundle", "keygen", "mine", "--for", "encryption")[1].strip()
    (tmp_path / "evidence" / "target").mkdir()
    run("bundle", "export", made, "-o", "evidence/target/x.zip.age", "--encrypt", public)
    code, _, err = run("bundle", "export", "evidence/target")
    assert code == 3
    assert "x.zip.age is encrypted" in err
    assert "Next: ctm-audit bundle decrypt" in err


def test_sign_and_verify(run: Run, made: Path) -> None:
    assert "unsigned" in run("bundle", "verify")[1]
    public = run("bundle", "keygen", "key")[1].strip()
    code, out, _ = run("bundle", "sign", "evidence/source", "--key", "key")
    assert (code, public in out) == (0, True)
    code, out, err = run("bundle", "verify")
    assert (code, f"signed by {public} (unknown" in out, "Not signed" in err) == (0, True, False)
    assert "(known)" in run("bundle", "verify", "--key", public)[1]
    assert run("bundle", "verify", made, "--key", "ed25519:" + "0" * 64)[0] == 5
    assert run("bundle", "verify", made, "--key", "planted")[0] == 2
    assert f"signed by {public}" in run("bundle", "show")[1]
    assert run("bundle", "list")[1].rstrip().endswith("  signed")
    assert json.loads(run("bundle", "list", "--json")[1])["bundles"][0]["signer"] == public
    (made / "signature.json").write_bytes(b"{}")
    code, _, err = run("bundle", "verify")
    assert (code, "damaged: " in err) == (5, True)


def test_the_project_names_whom_it_believes(run: Run, made: Path, tmp_path: Path) -> None:
    public = run("bundle", "keygen", "key")[1].strip()
    file = tmp_path / "ctm-audit.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[source]\n", f'[source]\nsigner = "{public.upper()}"\n'), encoding="utf-8")
    (tmp_path / "mapping.csv").write_text("source,target\na@contoso.com,b@fabrikam.com\n", encoding="utf-8")
    code, _, err = run("audit")
    assert code == 5
    assert "is not signed; the project names who must sign evidence of the source tenant" in err
    assert run("bundle", "verify")[0] == 5
    assert run("bundle", "verify", made)[0] == 0
    assert run("bundle", "verify", made, "--project", tmp_path)[0] == 5
    run("bundle", "sign", made, "--key", "key")
    assert run("bundle", "verify")[0] == 0
    assert run("audit")[0] == 3  # only the other side is missing now
    run("bundle", "keygen", "other")
    (made / "signature.json").unlink()
    run("bundle", "sign", made, "--key", "other")
    opened, mapping = api.open_project(tmp_path)
    with pytest.raises(Refused, match="not the key asked for"):
        api.audit(opened, mapping)


def test_the_last_day_is_recorded_and_told_after_it(run: Run, made: Path, tmp_path: Path) -> None:
    assert open_bundle(made).delete_after is None
    assert "was to be deleted" not in run("bundle", "list")[2]
    run("import", "source", "files", "-o", "kept", "--delete-after", "2001-03-31")
    kept = list_bundles(tmp_path / "kept")[0]
    for command in ("list", "show"):
        assert f"{kept} was to be deleted after 2001-03-31" in run("bundle", command, tmp_path / "kept")[2]
    assert json.loads(run("bundle", "show", tmp_path / "kept", "--json")[1])["bundles"][0]["delete_after"] == "2001-03-31"
    assert kept.exists()
    assert run("import", "source", "files", "--delete-after", "soon")[0] == 2


def test_without_a_word_it_is_ninety_days_after_the_last_completion(run: Run, made: Path, tmp_path: Path) -> None:
    file = tmp_path / "ctm-audit.toml"
    file.write_text(file.read_text(encoding="utf-8") + "last_completion = 2027-01-01\n", encoding="utf-8")
    run("import", "source", "files")
    assert {str(open_bundle(place).delete_after) for place in list_bundles(made.parent)} == {"None", "2027-04-01"}


def test_a_file_is_no_folder_for_bundles(run: Run, made: Path) -> None:
    assert run("import", "source", "files", "-o", made / "manifest.json")[0] == 2
