"""Signatures: only the digest's own signature by the key itself counts."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ctm_audit.errors import Refused, UsageError
from ctm_audit.evidence.bundle import Bundle, open_bundle, sign_bundle, untrusted
from ctm_audit.evidence.signature import SIGNATURE, make_key, read_key, signature_of, signer_of
from ctm_audit.evidence.transport import export_bundle
from tests.evidence.test_bundle import make, tables


def signed(folder: Path) -> Bundle:
    make_key(folder / "key")
    return sign_bundle(make(folder / "made").path, folder / "key")


def test_a_signed_bundle_names_its_signer_and_stays_the_same_bundle(tmp_path: Path) -> None:
    public = make_key(tmp_path / "key")
    made = make(tmp_path / "made")
    found = sign_bundle(made.path, tmp_path / "key")
    assert (made.signed, found.signed, found.signer) == (False, True, public)
    assert (found.name, found.digest) == (made.name, made.digest)
    assert open_bundle(export_bundle(found.path, tmp_path / "x.zip")[1]).signer == public


def test_a_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    public = make_key(tmp_path / "key")
    assert public.startswith("ed25519:")
    assert os.name == "nt" or stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    content = (tmp_path / "key").read_bytes()
    with pytest.raises(Refused, match="never overwritten"):
        make_key(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == content


def test_signing_twice_is_the_same_and_another_key_is_refused(tmp_path: Path) -> None:
    first = signed(tmp_path)
    assert sign_bundle(first.path, tmp_path / "key") == first
    make_key(tmp_path / "other")
    with pytest.raises(Refused, match="is signed already by ed25519:"):
        sign_bundle(first.path, tmp_path / "other")


def test_a_zip_and_a_spoiled_bundle_are_not_signed(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    made = make(tmp_path / "made")
    file = export_bundle(made.path, tmp_path / "x.zip")[1]
    with pytest.raises(Refused, match="is a zip"):
        sign_bundle(file, tmp_path / "key")
    made.parquet("mailboxes").write_bytes(b"x")
    with pytest.raises(Refused, match="not as it was made"):
        sign_bundle(made.path, tmp_path / "key")
    assert not (made.path / SIGNATURE).exists()


def change(name: str, value: object) -> Callable[[bytes], bytes]:
    return lambda data: (json.dumps(json.loads(data) | {name: value}, indent=2) + "\n").encode()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:0],
        lambda data: data[:0] + b"[]",
        lambda data: data[:0] + b"{}",
        lambda data: b"\xff" + data,
        lambda data: b"[" * 100_000 + data,
        lambda data: data + b" ",
        lambda data: data.replace(b"ed25519:", b""),
        change("signature", "00" * 64),
        change("signature", ""),
        change("signature", 7),
        change("signer", "ed25519:" + "0" * 64),
        change("signer", "ed25519:xyz"),
        change("digest", "0" * 64),
        change("more", "x"),
    ],
)
def test_a_signature_that_does_not_fit_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = signed(tmp_path).path / SIGNATURE
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(Refused, match="is no signature of this bundle"):
        open_bundle(file.parent)


def test_every_changed_byte_of_a_signature_is_refused(tmp_path: Path) -> None:
    bundle = signed(tmp_path)
    data = (bundle.path / SIGNATURE).read_bytes()
    for place in range(len(data)):
        with pytest.raises((ValueError, KeyError)):
            signer_of(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], bundle.digest)


def test_the_signature_of_one_bundle_is_none_of_another(tmp_path: Path) -> None:
    first = signed(tmp_path)
    other = make(tmp_path / "other", tables()[:1])
    (other.path / SIGNATURE).write_bytes((first.path / SIGNATURE).read_bytes())
    with pytest.raises(Refused, match="belongs to another bundle"):
        open_bundle(other.path)


def test_a_replayed_signature_under_another_key_is_refused(tmp_path: Path) -> None:
    bundle = signed(tmp_path)
    make_key(tmp_path / "other")
    document = json.loads(signature_of(bundle.digest, read_key(tmp_path / "other")))
    file = bundle.path / SIGNATURE
    file.write_bytes(change("signer", document["signer"])(file.read_bytes()))
    with pytest.raises(Refused, match="the signature is not of this key"):
        open_bundle(bundle.path)


@pytest.mark.parametrize("content", [b"", b"planted-secret", b"-----BEGIN PRIVATE KEY-----\nplanted-secret\n-----END PRIVATE KEY-----\n"])
def test_what_holds_no_key_is_named_without_its_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError, match="does not hold a private Ed25519 key") as refusal:
        read_key(tmp_path / "key")
    assert "planted" not in str(refusal.value)
    with pytest.raises(UsageError, match="does not hold"):
        read_key(tmp_path / "nowhere")


def test_whom_to_believe(tmp_path: Path) -> None:
    plain, known = make(tmp_path / "plain"), signed(tmp_path)
    assert untrusted(plain, ()) == untrusted(known, ()) == untrusted(known, (known.signer,)) == ""
    assert "is not signed" in untrusted(plain, (known.signer,))
    assert "is not the key asked for" in untrusted(known, ("ed25519:" + "0" * 64,))
