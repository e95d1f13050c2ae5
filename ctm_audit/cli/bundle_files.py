"""`ctm-audit bundle export|decrypt|sign|keygen`: bundles that leave the desk, and the keys that go with them.

A secret comes from a file or is asked for; it never stands on the command line, where every process can read it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import Wishes, json_option, no_input_option
from ctm_audit.errors import EXIT_OK, UsageError
from ctm_audit.model import FORMAT_VERSION

file_path = click.Path(path_type=Path)
passphrase_file_option = click.option("--passphrase-file", type=file_path, help="The file whose first line is the passphrase.")


@click.command()
@click.argument("path", type=file_path, metavar="BUNDLE")
@click.option("-o", "--output", type=file_path, help="The file to write; else NAME.zip or NAME.zip.age here.")
@click.option(
    "--encrypt", "recipients", multiple=True, metavar="RECIPIENT", help="Public key (age1… or ssh-…) of a reader; may be repeated."
)
@passphrase_file_option
@click.option("--passphrase", "asks", is_flag=True, help="Encrypt with a passphrase that you are asked for.")
@json_option
@no_input_option
def export(path: Path, output: Path | None, recipients: tuple[str, ...], passphrase_file: Path | None, asks: bool, as_json: bool) -> int:
    """Write a bundle as one zip file, encrypted in the age format when somebody is named who may read it.

    The same bundle gives the same zip. Of a folder of bundles the newest is taken.
    """
    from ctm_audit.evidence.transport import export_bundle

    passphrase = _passphrase(passphrase_file, is_new=True) if asks or passphrase_file else ""
    bundle, file = export_bundle(path, output, recipients, passphrase)
    _tell(as_json, f"{file}", file=str(file), bundle=bundle.name, digest=bundle.digest, encrypted=bool(recipients or passphrase))
    if not recipients and not passphrase:
        console.note("Not encrypted: everybody who gets the file reads the directory of that tenant. See --encrypt.")
    return EXIT_OK


@click.command()
@click.argument("file", type=file_path)
@click.option("-o", "--output", type=file_path, required=True, help="Folder for the bundle, such as evidence/source.")
@click.option("--identity", type=file_path, help="The file with your private key (age or SSH).")
@passphrase_file_option
@json_option
@no_input_option
def decrypt(file: Path, output: Path, identity: Path | None, passphrase_file: Path | None, as_json: bool) -> int:
    """Open an encrypted bundle and write it below a folder, after comparing every byte with its manifest."""
    from ctm_audit.evidence.encryption import is_for_passphrase
    from ctm_audit.evidence.transport import decrypt_bundle

    if not file.is_file():
        raise UsageError(f"{file} does not exist.", hint="name the file that ctm-audit bundle export wrote")
    passphrase = ""
    if is_for_passphrase(file):
        identity, passphrase = None, _passphrase(passphrase_file, is_new=False)
    elif identity is None:
        raise UsageError(f"{file} is encrypted for a key.", hint=f"ctm-audit bundle decrypt {file} -o {output} --identity FILE")
    bundle = decrypt_bundle(file, output, identity, passphrase)
    _tell(as_json, str(bundle.path), path=str(bundle.path), digest=bundle.digest, signer=bundle.signer or None)
    return EXIT_OK


@click.command()
@click.argument("path", type=file_path, metavar="BUNDLE")
@click.option("--key", type=file_path, required=True, help="The file with your private key (bundle keygen).")
@json_option
@no_input_option
def sign(path: Path, key: Path, as_json: bool) -> int:
    """Sign a bundle's digest: what it says can then no longer be exchanged. Of a folder of bundles the newest is signed."""
    from ctm_audit.evidence.bundle import newest_bundle, sign_bundle

    bundle = sign_bundle(newest_bundle(path), key)
    _tell(as_json, f"{bundle.path} is signed by {bundle.signer}", path=str(bundle.path), digest=bundle.digest, signer=bundle.signer)
    return EXIT_OK


@click.command()
@click.argument("file", type=file_path)
@click.option("--for", "purpose", type=click.Choice(["signing", "encryption"]), default="signing", help="What the key is for.")
@json_option
@no_input_option
def keygen(file: Path, purpose: Literal["signing", "encryption"], as_json: bool) -> int:
    """Write a new private key to FILE, and print the public key, which others may and should know."""
    public = _new_key(file, purpose)
    _tell(as_json, public, file=str(file), public_key=public)
    rights = "the rights of its folder apply: keep others out of it" if sys.platform == "win32" else "only you can read it"
    use = "put it into their project file as signer" if purpose == "signing" else "encrypt for it with --encrypt"
    console.note(f"The private key is in {file}; {rights}. Tell others the public key on another way than the bundle: they {use}.")
    return EXIT_OK


def _new_key(file: Path, purpose: str) -> str:
    from ctm_audit.evidence.encryption import new_identity
    from ctm_audit.evidence.signature import make_key, write_secret

    if purpose == "signing":
        return make_key(file)
    private, public = new_identity()
    write_secret(file, private)
    return public


def _passphrase(file: Path | None, *, is_new: bool) -> str:
    """The passphrase in a file, else as it was typed. Raises UsageError when nobody may be asked."""
    if file:
        return _first_line(file)
    if click.get_current_context().ensure_object(Wishes).no_input or not sys.stdin.isatty():
        raise UsageError("A passphrase is needed, and nobody may be asked.", hint="--passphrase-file FILE")
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new, err=True))


def _first_line(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    if not lines or not lines[0]:
        raise UsageError(f"{file} holds no passphrase that can be read.", hint="write it into the first line, in UTF-8")
    return lines[0]


def _tell(as_json: bool, answer: str, **facts: object) -> None:
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, **facts})
    else:
        console.echo_answer(answer)
