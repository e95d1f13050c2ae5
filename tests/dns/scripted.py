"""A server that does what real name servers cannot be made to do, built on dnspython's messages: `python -m tests.dns.scripted IP PORT`."""

from __future__ import annotations

import socketserver
import sys
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

MX = "0 good-com.mail.protection.outlook.com."


def response_to(query: dns.message.Message, *, over_tcp: bool) -> list[bytes]:
    """The datagrams or the message that the server sends; the middle label of the name says what is wrong."""
    name = query.question[0].name
    habit = name.labels[-3].decode()
    response = _sound(query)
    if habit in ("formerr", "noedns") and query.edns >= 0:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.FORMERR)
        response.use_edns(False)
        return [] if habit == "noedns" else [response.to_wire()]
    if habit == "wrongid":
        response.id = (query.id + 1) & 0xFFFF
        other = dns.message.make_response(dns.message.make_query("other.com.", "MX", id=query.id))
        return [response.to_wire(), other.to_wire()]
    if habit == "garbage":
        return [b"\xff" * 7, query.id.to_bytes(2, "big") + b"\x80\x00" + query.to_wire()[4:12] + b"\xc0\x0c" * 9]
    if habit == "cut":
        return [response.to_wire()[:-4]]
    if habit == "notcp" or (habit == "tconly" and not over_tcp):
        response.flags |= dns.flags.TC
        response.answer.clear()
    if habit == "noaa":
        response.flags &= ~dns.flags.AA
    if habit == "extra":
        response.answer.append(dns.rrset.from_text("victim.com.", 300, "IN", "A", "192.0.2.66"))
    return [response.to_wire()]


def _sound(query: dns.message.Message) -> dns.message.Message:
    """A proper answer with authority: a MX, a SOA and a name server at the top, nothing elsewhere."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
    zone = dns.name.Name(name.labels[-3:])
    soa = dns.rrset.from_text(zone, 300, "IN", "SOA", f"ns1.{zone} h.{zone} 7 3600 600 86400 60")
    held = {"MX": MX, "NS": f"ns1.{zone}", "SOA": soa[0].to_text()}
    if name == zone and kind in held:
        response.answer.append(dns.rrset.from_text(name, 300, "IN", kind, held[kind]))
    elif name.labels[0] == b"autodiscover" and b"beside" in name.labels:
        response.answer += [
            dns.rrset.from_text(name, 300, "IN", "CNAME", "web.example.com."),
            dns.rrset.from_text(name, 300, "IN", "A", "192.0.2.9"),
        ]
    else:
        response.authority.append(soa)
    return response


class Datagrams(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, socket = self.request
        for wire in response_to(dns.message.from_wire(data), over_tcp=False):
            socket.sendto(wire, self.client_address)


class Streams(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        data = self.rfile.read(int.from_bytes(self.rfile.read(2), "big"))
        query = dns.message.from_wire(data)
        if query.question[0].name.labels[-3] != b"notcp":
            for wire in response_to(query, over_tcp=True):
                self.wfile.write(len(wire).to_bytes(2, "big") + wire)


class Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True


class Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def serve(ip: str, port: int) -> None:
    """Serve until the process ends."""
    threading.Thread(target=Tcp((ip, port), Streams).serve_forever, daemon=True).start()
    Udp((ip, port), Datagrams).serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
