"""Every fault of the project file is told with its line and column, all of them at once, together with the mapping's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit.errors import UsageError
from ctm_audit.project import load, load_project
from tests.project.files import PROJECT, write

LINES = PROJECT.count("\n")


def faults(folder: Path, overrides: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(UsageError) as caught:
        load(folder, overrides or {})
    assert caught.value.exit_code == 2
    return [line.removeprefix(f"{folder}{'/' if '/' in str(folder) else chr(92)}") for line in caught.value.detail]


CHANGED = [
    ('name    = "contoso-to-fabrikam"', "name = 3", "2:8: name: text in quotes is needed, this is a number"),
    ('name    = "contoso-to-fabrikam"', 'name = "  "', "2:8: name: must not be empty"),
    ('name    = "contoso-to-fabrikam"', 'name = "a\\u001bb"', "2:8: name: must not hold control characters"),
    ('name    = "contoso-to-fabrikam"', "", "1:1: [project] needs the key 'name'"),
    ('tenant_id      = "1111', 'tenant_id = "x1111', "5:13: tenant_id: this is not a GUID"),
    ("11111111-2222-3333-4444-555555555555", "00000000-0000-0000-0000-000000000000", "5:18: tenant_id: the zero GUID is no id"),
    ("contoso.onmicrosoft.com", "contoso", "6:18: initial_domain: 'contoso' is not a domain"),
    ("contoso.onmicrosoft.com", "con toso.com", "6:18: initial_domain: 'con toso.com' is not a domain"),
    ("contoso.onmicrosoft.com", "münchen.de", "6:18: initial_domain: 'münchen.de' must be written in its xn-- form"),
    ("contoso.onmicrosoft.com", "a" * 64 + ".de", "6:18: initial_domain: "),
    ("99999999-2222", "11111111-2222", "9:18: tenant_id is the same as in [source]"),
    ('initial_domain = "fabrikam', 'initial_domain = "contoso', "10:18: initial_domain is the same as in [source]"),
    ("[migration]", "[migrations]", "12:1: unknown key 'migrations'; did you mean 'migration'?"),
    ("endpoint        =", "end_point =", "14:1: unknown key 'end_point' in [migration]; did you mean 'endpoint'?"),
    ("[target]", "[[target]]", "8:1: [target] is a table, this is an array"),
]


@pytest.mark.parametrize(("old", "new", "told"), CHANGED, ids=[told for _, _, told in CHANGED])
def test_a_wrong_value_is_told_at_its_place(old: str, new: str, told: str, tmp_path: Path) -> None:
    assert old in PROJECT
    found = faults(write(tmp_path, toml=PROJECT.replace(old, new, 1)))
    assert any(line.startswith(f"ctm-audit.toml:{told}") for line in found), found


ADDED = [
    ("[project.more]\n", "1:1: unknown key 'more' in [project]"),
    ("[hosts]\ngraph = 1\n", "2:9: graph: text in quotes is needed, this is a number"),
    ("[dns]\nports = { smtp = 0 }\n", "2:18: smtp: a port is a number between 1 and 65535"),
    ("[dns]\nresolvers = 5\n", "2:13: resolvers: an array of texts is needed, this is a number"),
    ("[dns]\nresolvers = ['1.1.1.1', 5]\n", "2:13: resolvers: text in quotes is needed, this is a number"),
    ("[policy]\nmax_evidence_age = '7d'\n", "2:20: [policy.max_evidence_age] is a table, this is text"),
    ("[policy]\nmax_evidence_age = { submit = '7 days' }\n", "2:31: submit: '7 days' is not a duration"),
    ("[policy]\nmax_evidence_age = { submit = '0h' }\n", "2:31: submit: the duration must be between 1m and 366d"),
    ("[policy]\nmax_evidence_age = { submit = '999999d' }\n", "2:31: submit: the duration must be between 1m and 366d"),
    ("[policy]\nmax_evidence_age = { sumbit = '1d' }\n", "2:22: unknown key 'sumbit' in [policy.max_evidence_age]; did you mean 'submit'?"),
    ("[wave]\nname = '1'\n", "1:1: write [[wave]] with two brackets"),
    ("[[wave]]\npilot = true\n", "1:1: [wave] needs the key 'name'"),
    ("[[wave]]\nname = 1\n", "2:8: name: text in quotes is needed, this is a number"),
    ("[[wave]]\nname = '1'\npilot = 'yes'\n", "3:9: pilot: true or false is needed, this is text"),
    ("[[wave]]\nname = '1'\nsubmit_by = 2027-01-01T10:00:00\n", "3:13: submit_by: the time needs a zone"),
    ("[[wave]]\nname = '1'\nsubmit_by = 2027-01-01\n", "3:13: submit_by: a time such as 2027-01-02T20:00:00Z is needed, this is a date"),
    (
        "[[wave]]\nname = '1'\nsubmit_by = 10:00:00\n",
        "3:13: submit_by: a time such as 2027-01-02T20:00:00Z is needed, this is a time of day",
    ),
    ("[[wave]]\nname = '1'\nsubmit_by = 'soon'\n", "3:13: submit_by: 'soon' is not a time"),
    ("[[wave]]\nname = '1'\nsubmit_by = 0001-01-01T00:00:00+14:00\n", "3:13: submit_by: the time lies outside the calendar"),
    (
        "[[wave]]\nname = '1'\nsubmit_by = 2027-01-02T20:00:00Z\ncomplete_at = 2027-01-02T21:00:00+01:00\n",
        "4:15: complete_at must be later than submit_by",
    ),
    ("[[wave]]\nname = 'Pilot'\n[[wave]]\nname = 'pilot'\n", "4:8: [[wave]] 'pilot' stands already in line "),
    ("[[domain]]\nname = 'contoso.com'\n", "1:1: [domain] needs the key 'mail_style'"),
    ("[[domain]]\nname = 'contoso.com'\nmail_style = 'post'\n", "3:14: mail_style: 'post' is none of direct, gateway, hybrid"),
    (
        "[[domain]]\nname = 'a.de'\nmail_style = 'direct'\npark = ['10 park.example.net', 'no host']\n",
        "4:8: park: 'no host' is no mail host such as 10 park.example.net",
    ),
    (
        "[[domain]]\nname = 'contoso.onmicrosoft.com'\nmail_style = 'direct'\n",
        "2:8: contoso.onmicrosoft.com is the initial domain of a tenant; it cannot move",
    ),
    (
        "[[domain]]\nname='a.de'\nmail_style='direct'\n[[domain]]\nname='A.de'\nmail_style='direct'\n",
        "5:6: [[domain]] 'a.de' stands already in line ",
    ),
    ("[source.sign_in]\nmethods = 'x'\n", "2:1: unknown key 'methods' in [source.sign_in]; did you mean 'method'?"),
    ("[source.sign_in]\nvariable = 'a b'\n", "2:12: variable: must be the name of an environment variable"),
]


@pytest.mark.parametrize(("added", "told"), ADDED, ids=[added for added, _ in ADDED])
def test_a_wrong_addition_is_told_at_its_place(added: str, told: str, tmp_path: Path) -> None:
    line, rest = told.split(":", 1)
    found = faults(write(tmp_path, toml=PROJECT + added))
    assert any(fault.startswith(f"ctm-audit.toml:{int(line) + LINES}:{rest}") for fault in found), found


def test_both_bundles_in_one_folder_are_refused(tmp_path: Path) -> None:
    toml = PROJECT.replace("[target]\n", '[target]\nbundle = "evidence/source"\n')
    assert faults(write(tmp_path, toml=toml)) == ["ctm-audit.toml:9:10: bundle is the same as in [source]; the two tenants must differ"]


def test_a_missing_section_is_told_at_the_end_where_it_can_be_written(tmp_path: Path) -> None:
    found = faults(write(tmp_path, toml=PROJECT.partition("[migration]")[0]))
    assert found == [f"ctm-audit.toml:12:1: [migration] needs the key '{key}'" for key in ("app_id", "endpoint", "delivery_domain")]


@pytest.mark.parametrize("key", ["client_secret", "password", "Pwd", "refresh_token", "api-key", "privateKey", "credentials"])
@pytest.mark.parametrize("section", ["source.sign_in", "project", "hosts"])
def test_a_secret_is_refused_and_never_repeated(key: str, section: str, tmp_path: Path) -> None:
    added = f'[{section}]\n{key} = "Pa55-planted"\n'
    toml = PROJECT + added if section != "project" else PROJECT.replace("[project]\n", added)
    (found,) = faults(write(tmp_path, toml=toml))
    assert "looks like a secret" in found
    assert "Pa55-planted" not in found


def test_a_secret_in_a_variable_is_refused_and_never_repeated(tmp_path: Path) -> None:
    (found,) = faults(write(tmp_path), {"source.sign_in.client_secret": "Pa55-planted"})
    assert "looks like a secret" in found
    assert "Pa55-planted" not in found


SYNTAX = [
    ("[project\nname = 1", "1:9: not TOML: "),
    ("[project]\nname = \n", "2:8: not TOML: "),
    ("[project]\nname = 'a'\nname = 'b'\n", "3:11: not TOML: "),
    ('[project]\nname = "C:\\Users"', "2:13: not TOML: "),
    ("[project]\nname = [1,", "2:11: not TOML: "),
    ("[project]\nname = 'a\x00'", "2:10: not TOML: "),
]


@pytest.mark.parametrize(("toml", "told"), SYNTAX)
def test_a_syntax_error_has_its_place(toml: str, told: str, tmp_path: Path) -> None:
    (found,) = faults(write(tmp_path, toml=toml))
    assert found.startswith(f"ctm-audit.toml:{told}")


def test_a_windows_path_in_double_quotes_gets_advice(tmp_path: Path) -> None:
    (found,) = faults(write(tmp_path, toml='[project]\nruns = "D:\\runs\\x"'))
    assert "write paths with / or in 'single quotes'" in found


def test_deep_nesting_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    (found,) = faults(write(tmp_path, toml="a = " + "[" * 100_000))
    assert found == "ctm-audit.toml: arrays or tables are nested too deeply"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"[project]\nname = '\xfc'\n", "2:9: byte 0xFC is no character of utf-8; save the file as UTF-8"),
        (b"\xff\xfea", "1:1: byte 0x61 is no character of utf-16-le; save the file as UTF-8"),
    ],
)
def test_what_is_not_text_has_its_place(data: bytes, told: str, tmp_path: Path) -> None:
    assert faults(write(tmp_path, toml=data)) == [f"ctm-audit.toml:{told}"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_project(tmp_path / "other.toml")
    assert caught.value.detail == (f"{tmp_path / 'other.toml'}: the file does not exist",)


def test_an_override_is_refused_by_its_own_name(tmp_path: Path) -> None:
    found = faults(write(tmp_path), {"source.tenant_id": "x", "project.as_off": "y", "wave.name": "z", "nonsense": "n"})
    assert "source.tenant_id (given by option or CTM_AUDIT_SOURCE_TENANT_ID): tenant_id: this is not a GUID such as" in found[3]
    assert any("project.as_off" in line and "did you mean 'as_of'" in line for line in found)
    assert any("wave" in line for line in found)
    assert any("unknown key 'nonsense'" in line for line in found)


def test_the_faults_of_both_files_come_together(tmp_path: Path) -> None:
    toml = PROJECT.replace("CTM-Endpoint", "") + "[[wave]]\nname = '1'\n"
    mapping = "source,target,wave\na@x.de,,1\na@x.de,b@y.de,2\n"
    assert [line.partition(": ")[0] for line in faults(write(tmp_path, toml=toml, mapping=mapping))] == [
        "ctm-audit.toml:14:19",
        "mapping.csv:2:8",
        "mapping.csv:3:1",
        "mapping.csv:3:15",
    ]


def test_a_syntax_error_does_not_hide_the_faults_of_the_mapping_it_names(tmp_path: Path) -> None:
    toml = PROJECT.replace("[project]", '[project]\nmapping = "mapping.csv"') + "[broken\n"
    found = faults(write(tmp_path, toml=toml, mapping="source,target\na,\n"))
    assert [line.partition(": ")[0] for line in found] == ["ctm-audit.toml:17:8", "mapping.csv:2:3"]


def test_a_thousand_faults_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    found = faults(write(tmp_path, mapping="source,target\n" + "x,\n" * 1500))
    assert len(found) == 1001
    assert found[-1] == f"and {1500 + 1499 - 1000} more"
