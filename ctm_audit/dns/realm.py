"""How people of a domain sign in, as the sign-in host's getuserrealm says: managed, federated and to whom, or nobody's domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from ctm_audit.dns.openid import json_object
from ctm_audit.dns.web import Kind, Reply, Web

Namespace = Literal["managed", "federated", "nobody"]
RealmOutcome = Namespace | Literal["throttled", "unexpected"] | Kind
NAMESPACES: dict[str, Namespace] = {"managed": "managed", "federated": "federated", "unknown": "nobody"}


@dataclass(frozen=True, slots=True)
class Realm:
    """What one sign-in host says. `sign_in_host` is where a federated domain signs in, '' otherwise."""

    host: str
    domain: str
    outcome: RealmOutcome
    brand: str = ""
    sign_in_host: str = ""
    instance: str = ""
    detail: str = ""
    body: bytes = b""

    @property
    def is_known(self) -> bool:
        """True when the host said how the domain signs in, or that it is nobody's."""
        return self.outcome in NAMESPACES.values()


async def find_realm(domain: str, host: str, web: Web) -> Realm:
    """What one sign-in host says of a domain; the user name is made up and nobody's."""
    return _judged(await web.get(f"https://{host}/getuserrealm.srf?login={quote(f'nobody@{domain}')}&json=1"), host, domain)


def _judged(reply: Reply, host: str, domain: str) -> Realm:
    if reply.kind != "answered":
        return Realm(host, domain, reply.kind, detail=reply.detail)
    said = json_object(reply.body)
    namespace = NAMESPACES.get(str(said.get("NameSpaceType")).lower())
    if reply.status != 200 or namespace is None:
        return Realm(host, domain, "throttled" if reply.status == 429 else "unexpected", detail=f"HTTP {reply.status}", body=reply.body)
    return Realm(
        host, domain, namespace, _text(said, "FederationBrandName"), _host(said), _text(said, "CloudInstanceName"), body=reply.body
    )


def _text(said: dict[str, Any], name: str) -> str:
    """A text of the reply; what cannot be printed is left out."""
    return "".join(character for character in str(said.get(name) or "")[:120] if character.isprintable())


def _host(said: dict[str, Any]) -> str:
    try:
        return urlsplit(str(said.get("AuthURL") or "")).hostname or ""
    except ValueError:
        return ""
