"""`ctm-audit init`: a commented project file, an empty mapping, a salt, and a .gitignore, because evidence is personal data."""

from __future__ import annotations

from pathlib import Path

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import no_input_option
from ctm_audit.errors import UsageError

PROJECT_FILE = """\
# A tenant-to-tenant mailbox migration, for ctm-audit. Fill in what is empty; no secret ever stands here.
# Paths are relative to this file; write them with / on every system.
# Every key can be overridden by a variable: [source] tenant_id by CTM_AUDIT_SOURCE_TENANT_ID.

[project]
name    = "{name}"
mapping = "mapping.csv"   # source,target[,wave,upn,primary,final_upn,final_primary,license,route]
scope   = "subset"        # subset: whom the mapping names; all: every mailbox of the source
runs    = "runs"          # a folder for each audit is written here
# waivers      = "waivers.toml"        # what people accept, for named objects and until a day
# attestations = "attestations.toml"   # what people state, because no evidence can tell it
# cloud = "worldwide"     # worldwide, gcc, gcc-high, dod, china
# salt  = "ctm-audit.salt"  # the key of the hashes of people outside of the mapping, shared by both sides

[source]                  # the tenant that mailboxes leave
tenant_id      = ""       # Microsoft Entra admin center > Overview > Tenant ID
initial_domain = ""       # such as contoso.onmicrosoft.com
bundle         = "evidence/source"

[target]                  # the tenant that mailboxes enter
tenant_id      = ""
initial_domain = ""
bundle         = "evidence/target"

[migration]
app_id          = ""      # application (client) id of the migration app, owned by the target tenant
endpoint        = "CTM-Endpoint"   # name of the migration endpoint in the target tenant
delivery_domain = ""      # TargetDeliveryDomain, an accepted domain of the target such as fabrikam.onmicrosoft.com
route           = "mrs"   # mrs, or orchestrator
# license = "SPE_E3"      # planned base license in the target
# last_completion = 2027-01-31
# probe = "sample:3"      # test moves: so many of each kind of mailbox, or all

# One block for each domain that moves from source to target; none when no domain moves.
# [[domain]]
# name       = "contoso.com"
# mail_style = "direct"   # direct, gateway, hybrid
# park       = ["10 park.example.net"] # where its mail waits while no tenant has it

# One block for each wave that the mapping names; times carry a zone, Z is UTC.
# [[wave]]
# name                = "1"
# pilot               = true
# submit_by           = 2027-01-02T20:00:00Z
# complete_at         = 2027-01-16T20:00:00Z
# with_domain_cutover = false
# from_onmicrosoft = false # true: its people may send from an onmicrosoft.com address until their domain has moved

[policy]                  # evidence older than this makes a gate undetermined
max_evidence_age = {{ assess = "30d", prepare = "7d", submit = "24h", complete = "1h" }}
"""
SALT = "ctm-audit.salt"
MAPPING = "source,target,wave,upn,primary,final_upn,final_primary,license,route\n"
GITIGNORE = """\
# Evidence and runs hold personal data of everybody in both tenants: keep them out of version control.
evidence/
runs/
mapping.suggested.csv
*.zip
*.age

# Private keys belong to one person, and the salt to the two who share it.
*.key
*.salt
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@no_input_option
def init(folder: Path) -> None:
    """Write ctm-audit.toml, mapping.csv, ctm-audit.salt and .gitignore into FOLDER (else the working folder).

    Nothing is overwritten: if a project file or a mapping is there, nothing is written; a .gitignore is left as it is.
    """
    from ctm_audit.evidence.salt import write_new_salt

    texts = {"ctm-audit.toml": PROJECT_FILE.format(name=_name(folder)), "mapping.csv": MAPPING}
    _refuse_existing([folder / name for name in (*texts, SALT)])
    if (folder / ".gitignore").exists():
        console.note("The .gitignore is left as it is. Evidence and runs hold personal data: it should name evidence/ and runs/.")
    else:
        texts[".gitignore"] = GITIGNORE
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    write_new_salt(folder / SALT)
    console.echo_answer("\n".join(f"written: {folder / name}" for name in (*texts, SALT)))
    console.note(f"{SALT} is the key of the hashes of people outside of the mapping: the admins of both sides share it, and nobody else.")
    console.note("Next: fill in ctm-audit.toml and mapping.csv, then: ctm-audit import source PATH")


def _name(folder: Path) -> str:
    """The folder's name as it may stand between quotes in TOML."""
    return "".join(sign for sign in folder.resolve().name if sign.isprintable() and sign not in '"\\') or "migration"


def _refuse_existing(paths: list[Path]) -> None:
    existing = [path for path in paths if path.exists() or path.is_symlink()]
    if existing:
        raise UsageError(
            "Nothing is overwritten.", detail=[f"{path} exists already" for path in existing], hint="ctm-audit init NEW-FOLDER"
        )
