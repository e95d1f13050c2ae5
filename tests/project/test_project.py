"""A project file that is in order becomes plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ctm_audit.errors import UsageError
from ctm_audit.model import Step
from ctm_audit.project import Domain, Wave, find_project, load, load_mapping, load_project, parse_moment
from ctm_audit.project_file import overrides_from
from ctm_audit.project_keys import CLOUDS, FILE, MAX_EVIDENCE_AGE, Key, Table
from ctm_audit.reference import load_reference
from tests.project.files import PROJECT, SOURCE_ID, TARGET_ID, write

FULL = """
[project]
name = "n"
mapping = "lists/people.csv"
scope = "ALL"
waivers = "waivers.toml"
attestations = "attestations.toml"
runs = "out/runs"
as_of = 2027-01-02T20:00:00+01:00
cloud = "gcc-high"
[source]
tenant_id = "11111111-2222-3333-4444-55555555555A"
initial_domain = "Contoso.onmicrosoft.com"
bundle = "in/source"
[source.sign_in]
method = "certificate"
client_id = "11111111-2222-3333-4444-555555555555"
certificate = "keys/app.pem"
variable = "CTM_APP_KEY"
[target]
tenant_id = "99999999-2222-3333-4444-555555555555"
initial_domain = "fabrikam.onmicrosoft.com"
bundle = "in/target"
sign_in = { method = "browser" }
[migration]
app_id = "aaaaaaaa-2222-3333-4444-555555555555"
endpoint = "CTM-Endpoint"
delivery_domain = "fabrikam.onmicrosoft.com"
license = "SPE_E3"
route = "orchestrator"
last_completion = 2027-01-31
[[domain]]
name = "Contoso.com"
mail_style = "gateway"
park = ["Park.example.net.", "20 b.example.net"]
[[wave]]
name = "1"
pilot = true
submit_by = 2027-01-02T20:00:00Z
complete_at = 2027-01-16T21:00:00+01:00
with_domain_cutover = true
[[wave]]
name = "two"
[dns]
bundle = "in/dns"
resolvers = ["1.1.1.1", "9.9.9.9"]
ports = { smtp = 2525 }
[hosts]
graph = "graph.example.test"
ca_bundle = "keys/ca.pem"
[policy]
max_evidence_age = { assess = "10d", submit = "90m" }
"""


def test_every_key_of_the_format_is_read(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, toml=FULL) / "ctm-audit.toml")
    assert (project.name, project.scope, project.cloud) == ("n", "all", "gcc-high")
    assert project.root == tmp_path
    assert project.mapping == tmp_path / "lists" / "people.csv"
    assert project.runs == tmp_path / "out" / "runs"
    assert project.waivers == tmp_path / "waivers.toml"
    assert project.attestations == tmp_path / "attestations.toml"
    assert project.as_of == datetime(2027, 1, 2, 19)
    assert project.source.tenant_id == "11111111-2222-3333-4444-55555555555a"
    assert project.source.initial_domain == "contoso.onmicrosoft.com"
    assert project.target.bundle == tmp_path / "in" / "target"
    assert project.migration.last_completion == date(2027, 1, 31)
    assert project.migration.route == "orchestrator"
    assert project.domains == (Domain("contoso.com", "gateway", ("10 park.example.net", "20 b.example.net")),)
    assert project.waves == (
        Wave("1", True, datetime(2027, 1, 2, 20), datetime(2027, 1, 16, 20), True),
        Wave("two", False, None, None, False),
    )
    assert project.max_evidence_age[Step.ASSESS] == timedelta(days=10)
    assert project.max_evidence_age[Step.PREPARE] == timedelta(days=7)
    assert project.max_evidence_age[Step.SUBMIT] == timedelta(minutes=90)


def test_what_is_left_out_has_the_documented_value(tmp_path: Path) -> None:
    project, mapping = load(write(tmp_path))
    assert (project.scope, project.cloud, project.as_of, project.waivers) == ("subset", "worldwide", None, None)
    assert project.runs == tmp_path / "runs"
    assert project.source.bundle == tmp_path / "evidence" / "source"
    assert (project.migration.license, project.migration.route, project.migration.last_completion) == ("", "mrs", None)
    assert {step.value: age for step, age in project.max_evidence_age.items()} == {
        "assess": timedelta(days=30),
        "prepare": timedelta(days=7),
        "submit": timedelta(hours=24),
        "complete": timedelta(hours=1),
        "verify": timedelta(hours=24),
        "lower-ttl": timedelta(hours=24),
        "park": timedelta(hours=1),
        "remove-domain": timedelta(hours=1),
        "verify-domain": timedelta(hours=1),
        "un-park": timedelta(hours=1),
        "done": timedelta(hours=1),
        "close-domain": timedelta(hours=24),
        "close": timedelta(hours=24),
    }
    assert mapping.rows.num_rows == 1


def test_the_clouds_are_those_whose_hosts_are_known() -> None:
    assert set(CLOUDS) <= set(load_reference().clouds)


@pytest.mark.parametrize("written", [PROJECT.replace("\n", "\r\n"), "\ufeff" + PROJECT, f"# a comment\n{PROJECT}\n\n"])
def test_the_digest_is_of_what_the_file_says(written: str, tmp_path: Path) -> None:
    plain = load_project(write(tmp_path)).digest
    assert load_project(write(tmp_path, toml=written)).digest == plain
    assert load_project(write(tmp_path, toml=written.replace("mrs", "x") + "[hosts]\ngraph = 'g'\n")).digest != plain


def test_utf16_is_read(tmp_path: Path) -> None:
    assert load_project(write(tmp_path, toml=PROJECT.encode("utf-16"))).name == "contoso-to-fabrikam"


def test_the_file_is_found_upwards(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    write(tmp_path)
    assert find_project(deep) == tmp_path.resolve() / "ctm-audit.toml"
    (deep / "ctm-audit.toml").mkdir()
    assert find_project(deep) == tmp_path.resolve() / "ctm-audit.toml"


def test_no_file_upwards_names_the_next_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_project(tmp_path)
    assert "ctm-audit init" in str(caught.value.hint)


def test_overrides_win_and_change_the_digest(tmp_path: Path) -> None:
    given = {"project.as_of": "2027-01-01T00:00:00Z", "policy.max_evidence_age.submit": "2d", "migration.last_completion": "2027-02-01"}
    plain, changed = load_project(write(tmp_path)), load_project(tmp_path, given)
    assert changed.as_of == datetime(2027, 1, 1)
    assert changed.max_evidence_age[Step.SUBMIT] == timedelta(days=2)
    assert changed.migration.last_completion == date(2027, 2, 1)
    assert changed.digest != plain.digest


def test_overrides_can_supply_what_the_file_lacks(tmp_path: Path) -> None:
    without = PROJECT.partition("[migration]")[0]
    given = {"migration.app_id": SOURCE_ID, "migration.endpoint": "E", "migration.delivery_domain": "d.example"}
    assert load_project(write(tmp_path, toml=without), given).migration.endpoint == "E"


def keys(table: Table, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, entry in table.keys.items():
        if isinstance(entry, Key):
            found.append((*above, name))
        elif not entry.many:
            found += keys(entry, (*above, name))
    return found


def test_every_single_key_has_its_variable() -> None:
    for path in keys(FILE):
        assert overrides_from({"CTM_AUDIT_" + "_".join(path).upper(): "x"}) == {".".join(path): "x"}


def test_other_variables_are_no_overrides() -> None:
    assert overrides_from({"CTM_AUDIT_PROJECT": "p", "CTM_AUDIT_JSON": "1", "PATH": "x", "CTM_AUDIT_SOURCE_TENANT_ID": ""}) == {}


def test_a_variable_with_a_slip_is_refused_with_the_right_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_project(write(tmp_path), overrides_from({"CTM_AUDIT_SOURCE_TENANTID": TARGET_ID}))
    (told,) = caught.value.detail
    assert "CTM_AUDIT_SOURCE_TENANTID" in told
    assert "did you mean 'tenant_id'" in told


def test_load_mapping_reads_the_mapping_of_the_project(tmp_path: Path) -> None:
    assert load_mapping(load_project(write(tmp_path))).rows["source_key"].to_pylist() == ["ada@contoso.com"]


@pytest.mark.parametrize("given", ["2027-01-02T20:00", "2027-01-02T20:00Z", "2027-01-02T21:00+01:00", " 2027-01-02 20:00:00 "])
def test_a_moment_without_zone_is_utc(given: str) -> None:
    found = parse_moment(given, "--as-of")
    assert found == datetime(2027, 1, 2, 20, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize("given", ["", "tomorrow", "2027-13-01", "0001-01-01T00:00+14:00"])
def test_what_is_no_moment_names_the_option(given: str) -> None:
    with pytest.raises(UsageError, match="--as-of"):
        parse_moment(given, "--as-of")


def test_every_key_is_documented() -> None:
    document = (Path(__file__).parents[2] / "docs" / "project-file.md").read_text(encoding="utf-8")
    rows = [FILE.keys["domain"], FILE.keys["wave"]]
    named = [path[-1] for path in keys(FILE)] + [name for table in rows if isinstance(table, Table) for name in table.keys]
    assert [name for name in named if f"`{name}`" not in document and name not in MAX_EVIDENCE_AGE] == []
