"""One HTTPS request: what came back, or how it failed; each kind of failure is kept apart. No redirect is followed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

Kind = Literal["answered", "unresolved", "refused", "timeout", "bad_certificate", "too_large", "broken"]
MOST_BYTES = 64 * 1024
TIMEOUT = 10.0
A_SECOND = 2.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said. `kind` is `answered` for any status; otherwise `detail` says what went wrong and the rest is empty."""

    url: str
    kind: Kind
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    detail: str = ""

    @property
    def media_type(self) -> str:
        """The media type in lower case without parameters, '' when none is given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class _Places(HTTPAdapter):
    """Connects elsewhere for some hosts, and still demands the certificate of the host that was meant."""

    def __init__(self, places: Mapping[str, tuple[str, int]]) -> None:
        self._places = places
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None) -> Any:
        """The place of the host, with the name that its certificate must hold."""
        host: Any
        pool: Any
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        place = self._places.get(host["host"]) or self._places.get("*")
        if place:
            request.headers["Host"] = host["host"]
            pool |= {"server_hostname": host["host"], "assert_hostname": host["host"]}
            host |= {"host": place[0], "port": place[1]}
        return host, pool


class Web:
    """Asks HTTPS servers, at most so many a second over all hosts.

    `places` gives for a host (or for `*`, all others) another address and port, for test servers; `ca_bundle` a file of certificates
    to trust instead of the usual ones. Proxies are taken from the environment.
    """

    def __init__(
        self,
        places: Mapping[str, tuple[str, int]] | None = None,
        ca_bundle: str | None = None,
        *,
        timeout: float = TIMEOUT,
        a_second: float = A_SECOND,
    ) -> None:
        self._places = dict(places or {})
        self._verify: str | bool = ca_bundle or True
        self._timeout = timeout
        self._interval = 1 / a_second
        self._next = 0.0

    async def get(self, url: str) -> Reply:
        """What the server says to GET; never raises for anything that a server or the network does."""
        await self._turn()
        return await asyncio.to_thread(self._get, url)

    async def _turn(self) -> None:
        now = time.monotonic()
        begin = max(now, self._next)
        self._next = begin + self._interval
        await asyncio.sleep(begin - now)

    def _get(self, url: str) -> Reply:
        with requests.Session() as session:
            session.mount("https://", _Places(self._places))
            session.trust_env = not self._places
            try:
                with session.get(url, timeout=self._timeout, verify=self._verify, allow_redirects=False, stream=True) as reply:
                    return self._read(url, reply)
            except (requests.RequestException, OSError, ValueError) as reason:
                return Reply(url, _kind(reason), detail=_words(reason))

    def _read(self, url: str, reply: requests.Response) -> Reply:
        headers = {name.lower(): value for name, value in reply.headers.items()}
        body, ends = b"", time.monotonic() + self._timeout
        for block in reply.iter_content(8192):
            body += block
            if len(body) > MOST_BYTES:
                return Reply(url, "too_large", reply.status_code, headers, detail=f"more than {MOST_BYTES:,} bytes")
            if time.monotonic() > ends:
                return Reply(url, "timeout", reply.status_code, headers, detail=f"not read after {self._timeout:g} s")
        return Reply(url, "answered", reply.status_code, headers, body)


def _causes(reason: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while reason is not None and reason not in found:
        found.append(reason)
        inner = next((part for part in (getattr(reason, "reason", None), *reason.args) if isinstance(part, BaseException)), None)
        reason = inner or reason.__cause__ or reason.__context__
    return found


def _kind(reason: Exception) -> Kind:
    causes = _causes(reason)
    kinds: tuple[tuple[Kind, tuple[type[BaseException], ...]], ...] = (
        ("bad_certificate", (requests.exceptions.SSLError,)),
        ("unresolved", (NameResolutionError,)),
        ("refused", (ConnectionRefusedError,)),
        ("timeout", (requests.Timeout, ReadTimeoutError, TimeoutError)),
    )
    return next((kind for kind, types in kinds if any(isinstance(one, types) for one in causes)), "broken")


def _words(reason: Exception) -> str:
    """The innermost cause in one line."""
    return " ".join(str(_causes(reason)[-1]).split())[:300]
