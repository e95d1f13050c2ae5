"""Servers on loopback: HTTPS with certificates of a private authority, answering what a test says."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

from ctm_audit.dns.web import Web

Said = tuple[int, Mapping[str, str], bytes]
LOOPBACK = "127.0.0.1"


@dataclass
class Https:
    """A server for every host: `says` gives what it answers to HOST/PATH, else 404. `asked` are the requests in order."""

    says: dict[str, Said]
    port: int
    ca_file: str
    asked: list[str]

    def web(self, **options: Any) -> Web:
        return Web({"*": (LOOPBACK, self.port)}, self.ca_file, a_second=1000, **options)


@contextmanager
def https(ca: trustme.CA, folder: Path, *names: str) -> Iterator[Https]:
    """A running server whose certificate holds the names."""
    ca_file = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    found = Https({}, 0, str(ca_file), [])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = f"{self.headers['Host'].partition(':')[0]}{self.path}"
            found.asked.append(place)
            status, headers, body = found.says.get(place, (404, {}, b"not found"))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that refuses the certificate hangs up
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
