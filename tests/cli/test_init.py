"""`init` writes files that load once they are filled in, and overwrites nothing."""

import re
from pathlib import Path

import pytest

from ctm_audit.cli.main import main
from ctm_audit.errors import UsageError
from ctm_audit.evidence.salt import read_salt
from ctm_audit.project import load

FILLED = {
    'tenant_id      = ""       #': 'tenant_id = "11111111-2222-3333-4444-555555555555" #',
    'initial_domain = ""       #': 'initial_domain = "contoso.onmicrosoft.com" #',
    'tenant_id      = ""\n': 'tenant_id = "99999999-2222-3333-4444-555555555555"\n',
    'initial_domain = ""\n': 'initial_domain = "fabrikam.onmicrosoft.com"\n',
    'app_id          = ""': 'app_id = "aaaaaaaa-2222-3333-4444-555555555555"',
    'delivery_domain = ""': 'delivery_domain = "fabrikam.onmicrosoft.com"',
}
COMMENTED_EXAMPLE = re.compile(r"^# (\[\[|[a-z_]+ *= )", re.MULTILINE)


def test_what_it_writes_has_clear_faults_until_it_is_filled_in(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    lines = (tmp_path / "ctm-audit.toml").read_text(encoding="utf-8").splitlines()
    for told in caught.value.detail[:-1]:
        place, _, message = told.partition(": ")
        line, column = map(int, place.rsplit(":", 2)[1:])
        assert message.endswith("must not be empty")
        assert lines[line - 1][column - 1 :].startswith('""')
    assert len(caught.value.detail) == len(FILLED) + 1
    assert "mapping.csv:1:1: there is no row" in caught.value.detail[-1]


def test_filled_in_it_loads(tmp_path: Path) -> None:
    main(["init", str(tmp_path)])
    file = tmp_path / "ctm-audit.toml"
    text = file.read_text(encoding="utf-8")
    for empty, filled in FILLED.items():
        assert text.count(empty) == 1
        text = text.replace(empty, filled)
    file.write_text(text, encoding="utf-8")
    with (tmp_path / "mapping.csv").open("a", encoding="utf-8") as mapping:
        mapping.write("ada@contoso.com,ada@fabrikam.onmicrosoft.com,,,,,,,\n")
    project, mapped = load(tmp_path)
    assert project.name == tmp_path.name
    assert mapped.rows.num_rows == 1


def test_its_commented_examples_load_as_well(tmp_path: Path) -> None:
    main(["init", str(tmp_path)])
    file = tmp_path / "ctm-audit.toml"
    text = file.read_text(encoding="utf-8")
    for empty, filled in FILLED.items():
        text = text.replace(empty, filled)
    file.write_text(COMMENTED_EXAMPLE.sub(r"\1", text), encoding="utf-8")
    (tmp_path / "mapping.csv").write_text("source,target,wave\na@contoso.com,b@fabrikam.com,1\n", encoding="utf-8")
    project, _ = load(tmp_path)
    assert [wave.name for wave in project.waves] == ["1"]
    assert [domain.name for domain in project.domains] == ["contoso.com"]
    assert project.migration.license == "SPE_E3"


@pytest.mark.parametrize("existing", ["ctm-audit.toml", "mapping.csv", "ctm-audit.salt"])
def test_nothing_is_overwritten_and_then_nothing_is_written(existing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / existing).write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == [existing]
    assert (tmp_path / existing).read_text(encoding="utf-8") == "mine"
    assert f"{tmp_path / existing} exists already" in capsys.readouterr().err


def test_each_project_has_a_salt_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    salts = []
    for name in ("a", "b"):
        assert main(["init", str(tmp_path / name)]) == 0
        salts.append(read_salt(tmp_path / name / "ctm-audit.salt"))
        assert str((tmp_path / name / "ctm-audit.salt").read_text(encoding="ascii").strip()) not in "".join(capsys.readouterr())
    assert None not in salts
    assert salts[0] != salts[1]


def test_a_gitignore_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".gitignore").write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine"
    assert "evidence/" in capsys.readouterr().err


def test_the_folder_is_made_and_its_gitignore_keeps_evidence_out(tmp_path: Path) -> None:
    folder = tmp_path / 'odd "name"' / "ümlaut"
    assert main(["init", str(folder)]) == 0
    ignored = set((folder / ".gitignore").read_text(encoding="utf-8").splitlines())
    assert {"evidence/", "runs/", "*.zip", "*.age", "*.key", "*.salt"} <= ignored


def test_a_folder_name_that_needs_quoting_gives_valid_toml(tmp_path: Path) -> None:
    folder = tmp_path / 'a"b'
    main(["init", str(folder)])
    with pytest.raises(UsageError) as caught:
        load(folder)
    assert not any("not TOML" in line for line in caught.value.detail)
