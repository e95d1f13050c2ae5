"""A DKIM key as DNS holds it (RFC 6376 section 3.6.1, RFC 8301, RFC 8463): whether signatures made with it can be checked."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ctm_audit.dns.answer import Answer, Ask
from ctm_audit.dns.tags import read_tags

KeyState = Literal["good", "revoked", "faulty", "none", "unknown"]
FEWEST_BITS = 1024
ED25519_BYTES = 32


@dataclass(frozen=True, slots=True)
class DkimKey:
    """The key of a selector. `target` is where its CNAME leads in the end, '' without one; `bits` is 0 unless the key can be read.

    `state`: `none` says that there is no key, `unknown` that no answer came, `revoked` that p is empty.
    """

    domain: str
    selector: str
    state: KeyState
    target: str = ""
    type: str = ""
    bits: int = 0
    faults: tuple[str, ...] = ()


async def read_dkim_key(domain: str, selector: str, ask: Ask) -> DkimKey:
    """The key that the selector of a domain leads to."""
    answer = await ask(f"{selector}._domainkey.{domain}", "TXT")
    target = answer.chain[-1] if answer.chain else ""
    texts = [text for text in answer.data if "p" in read_tags(text).values or text.strip().startswith("v=DKIM1")]
    if len(texts) == 1:
        return _parsed(domain, selector, target, texts[0])
    return DkimKey(domain, selector, *_without(answer, target, len(texts)))


def _without(answer: Answer, target: str, keys: int) -> tuple[KeyState, str, str, int, tuple[str, ...]]:
    if not answer.is_known:
        return "unknown", target, "", 0, (f"no answer: {answer.outcome}",)
    return ("faulty", target, "", 0, (f"{keys} keys, one is allowed",)) if keys else ("none", target, "", 0, ())


def _parsed(domain: str, selector: str, target: str, text: str) -> DkimKey:
    tags = read_tags(text)
    kind = tags.get("k", "rsa").lower()
    faults = [*tags.faults, *([] if tags.get("v", "DKIM1") == "DKIM1" else [f"v={tags.get('v')[:20]} is not DKIM1"])]
    key = "".join(tags.get("p").split())
    if not key:
        return DkimKey(domain, selector, "revoked" if "p" in tags.values else "faulty", target, kind, 0, (*faults, "p is empty"))
    bits, fault = _bits(kind, key)
    faults += [fault] if fault else []
    return DkimKey(domain, selector, "faulty" if faults else "good", target, kind, bits, tuple(faults))


def _bits(kind: str, key: str) -> tuple[int, str]:
    """The length of the key, and what is wrong with it."""
    try:
        data = base64.b64decode(key, validate=True)
        if kind == "ed25519":
            return (256, "") if len(data) == ED25519_BYTES else (0, "p is no Ed25519 key")
        found = load_der_public_key(data)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return 0, "p is no key"
    if kind != "rsa" or not isinstance(found, RSAPublicKey):
        return 0, f"k={kind[:20]} is no kind of key that receivers know"
    return found.key_size, "" if found.key_size >= FEWEST_BITS else f"{found.key_size} bits are too few"
