"""A DKIM key is good, faulty, gone, or not seen; the four are never taken for one another."""

from __future__ import annotations

import asyncio
import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.dkim_key import DkimKey, read_dkim_key
from tests.dns_parts.zones import Zones

OWNER = "selector1._domainkey.contoso.com"
TARGET = "selector1-contoso-com._domainkey.fabrikam.n-v1.dkim.mail.microsoft"


def rsa_key(bits: int) -> str:
    key = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


GOOD = rsa_key(1024)
ED25519 = base64.b64encode(ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


def key(*texts: str, outcome: Outcome | None = None) -> DkimKey:
    zones = Zones({OWNER: {"CNAME": [TARGET]}, TARGET: {"TXT": texts}}, {(OWNER, "TXT"): outcome} if outcome else {})
    return asyncio.run(read_dkim_key("contoso.com", "selector1", zones))


def test_good_keys() -> None:
    assert key(f"v=DKIM1; k=rsa; p={GOOD}") == DkimKey("contoso.com", "selector1", "good", TARGET, "rsa", 1024)
    assert key(f"k=ed25519; p={ED25519};").bits == 256
    assert key(f"p={GOOD[:40]} {GOOD[40:]}", "something else").state == "good"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("v=DKIM1; k=rsa; p=", "revoked"),
        ("v=DKIM1; k=rsa", "faulty"),
        (f"v=DKIM2; p={GOOD}", "faulty"),
        ("v=DKIM1; p=AAAA", "faulty"),
        ("v=DKIM1; p=%%%", "faulty"),
        (f"v=DKIM1; k=ed25519; p={GOOD}", "faulty"),
        (f"v=DKIM1; k=new; p={GOOD}", "faulty"),
    ],
)
def test_keys_that_nobody_can_use(text: str, state: str) -> None:
    assert (key(text).state, bool(key(text).faults)) == (state, True)


def test_no_key_and_no_answer_stay_apart() -> None:
    assert key().state == "none"
    assert key(f"p={GOOD}", f"p={GOOD}").state == "faulty"
    assert key(outcome=Outcome.SERVFAIL).faults == ("no answer: servfail",)
    assert key(outcome=Outcome.SERVFAIL).state == "unknown"
