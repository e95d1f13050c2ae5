"""`ctm-audit dns owners` and `messages`: what a person and a pipeline see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctm_audit.cli.main import main
from ctm_audit.dns.web import Web
from tests.dns_parts.mails import mail
from tests.dns_parts.servers import Https

EXAMPLE = Path(__file__).parents[2] / "examples" / "contoso-to-fabrikam" / "clean"
PLACES = {"login.microsoftonline.com": "worldwide", "login.microsoftonline.us": "us", "login.partner.microsoftonline.cn": "cn"}
ELSEWHERE = ("login.sovcloud-identity.fr", "login.sovcloud-identity.de")


@pytest.fixture
def project(tmp_path: Path, server: Https) -> Path:
    text = (EXAMPLE / "ctm-audit.toml").read_text(encoding="utf-8")
    hosts = "".join(f'"{host}" = "127.0.0.1:{server.port}"\n' for host in (*PLACES, *ELSEWHERE))
    path = tmp_path / "ctm-audit.toml"
    path.write_text(f'{text}\n[hosts]\nca_bundle = "{Path(server.ca_file).as_posix()}"\n{hosts}', encoding="utf-8", newline="\n")
    return path


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: Web) -> None:
        return

    monkeypatch.setattr(Web, "_turn", at_once)


def tenant_of(project: Path, side: str) -> str:
    lines = project.read_text(encoding="utf-8").split(f"[{side}]")[1].splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("tenant_id"))


def says(server: Https, tenant: str) -> None:
    for host in (*PLACES, *ELSEWHERE):
        server.says[f"{host}/contoso.com/v2.0/.well-known/openid-configuration"] = (400, {}, b'{"error": "invalid_tenant"}')
        server.says[f"{host}/getuserrealm.srf?login=nobody%40contoso.com&json=1"] = (200, {}, b'{"NameSpaceType": "Unknown"}')
    urls = dict.fromkeys(("issuer", "token_endpoint"), f"https://login.microsoftonline.com/{tenant}/v2.0")
    server.says["login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration"] = (200, {}, json.dumps(urls).encode())


def test_the_owner_is_named_as_a_side_of_the_project(project: Path, server: Https, capsys: pytest.CaptureFixture[str]) -> None:
    says(server, tenant_of(project, "target"))
    assert main(["dns", "owners", "Contoso.com.", "contoso.com", "--project", str(project)]) == 3, "two hosts show a wrong certificate"
    out = capsys.readouterr().out
    assert f"{tenant_of(project, 'target')} (target)" in out
    assert out.count("nobody's") == 2
    assert out.count("not known: bad_certificate") == 4
    assert out.count("contoso.com\n") == 1


def test_the_answer_for_pipelines(project: Path, server: Https, capsys: pytest.CaptureFixture[str]) -> None:
    says(server, "00000000-0000-4000-8000-00000000aaaa")
    assert main(["dns", "owners", "contoso.com", "--project", str(project), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert {row["host"]: row["outcome"] for row in told["tenancies"]} == {
        **dict.fromkeys(PLACES, "unowned"),
        **dict.fromkeys(ELSEWHERE, "bad_certificate"),
        "login.microsoftonline.com": "owned",
    }


def test_every_wrong_domain_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dns", "owners", "con toso.com", "contoso", "con\u200btoso.com"]) == 2
    assert capsys.readouterr().err.count("\n  ") == 3


def test_messages_tell_who_took_them(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.eml").write_bytes(mail(tenant=tenant_of(project, "source")))
    assert main(["dns", "messages", str(tmp_path), "--domain", "example.org", "--project", str(project)]) == 0
    out = capsys.readouterr().out
    assert "(source); on its way 40 s" in out
    assert "signed for example.org" in out
    (tmp_path / "b.eml").write_bytes(b"nothing")
    assert main(["dns", "messages", str(tmp_path), "--domain", "example.org", "--project", str(project), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["unreadable"]


def test_a_folder_without_messages_is_a_usage_error(tmp_path: Path) -> None:
    assert main(["dns", "messages", str(tmp_path), "--domain", "contoso.com"]) == 2
    assert main(["dns", "messages", str(tmp_path / "none"), "--domain", "contoso.com"]) == 2
