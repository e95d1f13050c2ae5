"""Bundles on their way to another desk: out as one file, encrypted or not, and back in as a folder that was compared byte by byte."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ctm_audit.errors import Refused, UsageError
from ctm_audit.evidence.archive import ENDING, write_archive
from ctm_audit.evidence.bundle import Bundle, adopt_archive, newest_bundle, open_bundle
from ctm_audit.evidence.encryption import decrypt, encrypt, read_identities

ENCRYPTED = ".age"


def export_bundle(path: Path, output: Path | None, recipients: Sequence[str] = (), passphrase: str = "") -> tuple[Bundle, Path]:
    """The bundle at `path` (of a folder of bundles the newest) and the new file that holds it, by default under its own name.

    With recipients (public keys of age or SSH), or else with a passphrase, the file is encrypted. Raises Refused when the
    file exists or the bundle is not as it was made.
    """
    if recipients and passphrase:
        raise UsageError("A file is encrypted either for keys or with a passphrase.", hint="leave one of them out")
    bundle = open_bundle(newest_bundle(path))
    is_encrypted = bool(recipients or passphrase)
    file = output or Path(bundle.name + ENDING + (ENCRYPTED if is_encrypted else ""))
    if file.exists():
        raise Refused(f"{file} exists; nothing is overwritten.", hint="name a new file with -o FILE")
    _write(file, bundle, recipients, passphrase)
    return bundle, file


def _write(file: Path, bundle: Bundle, recipients: Sequence[str], passphrase: str) -> None:
    """Write the file under a temporary name first, so that it appears whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as place:
            if not recipients and not passphrase:
                write_archive(bundle.folder, place)
            else:
                with tempfile.TemporaryFile() as plain:
                    write_archive(bundle.folder, plain)
                    plain.seek(0)
                    encrypt(plain, place, recipients, passphrase)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def decrypt_bundle(file: Path, folder: Path, identity: Path | None, passphrase: str = "") -> Bundle:
    """The bundle of an encrypted file, as a folder below `folder`; `identity` is a file with private keys, else the passphrase opens it.

    Raises Refused when it cannot be opened, or when what is in it is not a bundle as it was made.
    """
    identities = read_identities(identity) if identity else []
    with tempfile.TemporaryDirectory(prefix="ctm-audit-bundle-") as private:
        plain = Path(private) / file.name.removesuffix(ENCRYPTED)
        with plain.open("xb") as place:
            decrypt(file, place, identities, passphrase)
        return adopt_archive(plain, folder)
