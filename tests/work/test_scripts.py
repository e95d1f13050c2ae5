"""Scripts read as syntax trees: whole, harmless whatever the names say, a rehearsal, and in one tenant only.

No PowerShell is to be had from the registries that the tests may use, so the scripts are read here and not run.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ctm_audit.report.work import scripts
from ctm_audit.report.work.scripts import Place, write_scripts
from ctm_audit.rulebook.commands import NEVER_IN_A_SCRIPT
from tests.book.cmdlets import EXCHANGE_ONLINE, GRAPH
from tests.collect_script.powershell import commands, faults, functions, nodes, text_of
from tests.report import sample
from tests.work.made import HOSTILE, finding, record, stamp

OWN = {
    "ForEach-Object": set(),
    "Get-ConnectionInformation": set(),
    "Get-Location": set(),
    "Get-MgContext": set(),
    "Where-Object": set(),
    "Write-Host": set(),
    "Write-Progress": {"Activity", "Status", "PercentComplete", "Completed"},
}
"""What a script does beside the changes; none of it writes to a tenant."""
PIECE = re.compile(r"'((?:[^']|'')*)'|\[char\]::ConvertFromUtf32\((\d+)\)|\[char\](\d+)")


def written(folder: Path, *findings: dict[str, object]) -> dict[str, str]:
    """The scripts of these findings by name."""
    write_scripts(record(folder, findings), folder)
    return {path.name: path.read_bytes().decode("ascii") for path in sorted(folder.glob("*.ps1"))}


def changes(script: str) -> list[str]:
    """The lines that change something."""
    return [line.strip() for line in script.splitlines() if line.startswith("    Invoke-Change ")]


def value_of(expression: str) -> str:
    """What PowerShell makes of a literal of the rule book: a text, or texts and characters in a sum."""
    inner = expression[1:-1] if expression.startswith("(") else expression
    pieces = list(PIECE.finditer(inner))
    assert " + ".join(piece.group() for piece in pieces) == inner
    return "".join(piece[1].replace("''", "'") if piece[1] is not None else chr(int(piece[2] or piece[3])) for piece in pieces)


def outside_functions(script: str) -> list[str]:
    """The commands that run when the script does, in order."""
    root = next(iter(nodes(script)))
    inside = {node.id for function in nodes(root, "function_statement") for node in nodes(function, "command")}
    return [next(commands(text_of(node)))[0] for node in nodes(root, "command") if node.id not in inside]


def test_names_are_data_whatever_they_say(tmp_path: Path) -> None:
    script = written(tmp_path, *(finding(object_id=name, command=stamp(name)) for name in HOSTILE))["target-admin-exo.ps1"]
    assert faults(script) == []
    assert not re.search(r"[^\x20-\x7e\r\n]", script)
    lines = changes(script)
    assert len(lines) == len(HOSTILE) == script.count("Invoke-Change '")
    for line, name in zip(lines, HOSTILE, strict=True):
        assert [told for told, _ in commands(line)] == ["Invoke-Change", "Set-MailUser"], line
        arguments = [text_of(node) for node in nodes(line, "verbatim_string_characters", "parenthesized_expression")]
        assert {value_of(text) for text in arguments if text.startswith("(")} <= {name}
        shown = re.fullmatch(r"Invoke-Change 'STP-05' (.+?) \{ Set-MailUser -Identity (.+) -EmailAddresses @\{ Add = (.+) \} \}", line)
        assert shown
        assert {value_of(text) for text in shown.groups()} == {name}


def test_the_tenant_is_asked_for_before_anything_else_and_the_script_is_a_rehearsal(tmp_path: Path) -> None:
    script = written(tmp_path, finding(command=stamp("a")))["target-admin-exo.ps1"]
    code = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert code[0] == "$WhatIf = $true"
    assert outside_functions(script)[:2] == ["Get-Location", "Assert-Tenant"]
    assert f"Unescape('{sample.run()['project']['target_tenant_id']}')" in script
    body = next(text_of(node) for node in nodes(script, "function_statement") if "Invoke-Change" in text_of(node).splitlines()[0])
    assert body.index("if ($WhatIf)") < body.index("return") < body.index("& $Change")


@pytest.mark.parametrize("shell", ["exo", "graph", "compliance"])
def test_a_script_runs_what_it_is_known_to_run(tmp_path: Path, shell: str) -> None:
    of_sample = record(tmp_path, [finding(command=stamp("a"))])
    for rule in of_sample.document["rules"]:
        rule["shell"] = shell
    write_scripts(of_sample, tmp_path)
    script = (tmp_path / f"target-admin-{shell}.ps1").read_text(encoding="ascii")
    assert faults(script) == []
    own = functions(script)
    for name, parameters in commands(script):
        if name not in own and name != "$Change":
            known = {**OWN, **{cmdlet: set(told) for cmdlet, told in {**EXCHANGE_ONLINE, **GRAPH}.items()}}
            assert name in known, name
            assert set(parameters) <= known[name] | {"eq", "ne", "and", "not"}, (name, parameters)
    assert not NEVER_IN_A_SCRIPT.search("\n".join(changes(script)))


def test_only_what_fails_and_may_be_repaired_in_a_series_is_in_a_script(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        finding(command=stamp("yes"), verdict="due", weight="due"),
        finding(command=stamp("no"), verdict="undetermined"),
        finding(command=stamp("no"), verdict="waived"),
        finding(command=stamp("no"), fix_kind="irreversible"),
        finding(command=stamp("no"), fix_kind="manual"),
        finding(command=None),
    )
    assert [len(changes(script)) for script in found.values()] == [1]
    assert "'yes'" in found["target-admin-exo.ps1"]


def test_a_change_goes_to_the_tenant_of_its_owner_or_of_its_object_or_nowhere(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        finding(command=stamp("a"), owner="source-admin"),
        finding(command=stamp("b"), owner="migration-lead", object_kind="tenant", object_id="source"),
        finding(command=stamp("c"), owner="migration-lead", object_kind="tenant", object_id="target"),
        finding(command=stamp("nobody knows where"), owner="migration-lead"),
    )
    assert list(found) == ["migration-lead-exo-source.ps1", "migration-lead-exo-target.ps1", "source-admin-exo.ps1"]
    assert all(script.count("Invoke-Change '") == 1 for script in found.values())
    tenants = {name: re.search(r"\$TenantId = .*'(.+)'", script) for name, script in found.items()}
    assert len({match[1] for match in tenants.values() if match}) == 2


def test_many_changes_make_several_scripts_that_keep_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "CHANGES_A_SCRIPT", 1_000)
    command = stamp("a")
    found = written(tmp_path, *(finding(object_id=f"{number}", command=command) for number in range(2_500)))
    place = Place("target-admin", "exo", "target")
    names = [place.file(number) for number in (1, 2, 3)]
    assert sorted(found) == sorted(names)
    lines = [line for name in names for line in changes(found[name])]
    assert [line.split("'")[3] for line in lines] == [str(number) for number in range(2_500)]
    assert "Script 3 of 3: 500 of them." in found[names[2]]
    assert "$Total = 500\r\n" in found[names[2]]


def test_the_head_says_what_it_does_and_ends_no_comment_early(tmp_path: Path) -> None:
    run = record(tmp_path, [finding(command=stamp("a"))])
    run.document["project"]["name"] = "x\r\nRemove-Mailbox x \u00fc\u202e"
    write_scripts(run, tmp_path)
    script = (tmp_path / "target-admin-exo.ps1").read_text(encoding="ascii")
    assert faults(script) == []
    assert "Remove-Mailbox" not in {name for name, _ in commands(script)}
    assert script.startswith("# 1 change for the target admin in the target tenant")
