"""The zones of the test bed: one domain for each thing that can be wrong, served at addresses that only loopback has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ROOT, REGISTRY = "127.53.0.1", "127.53.2.1"
FIRST, SECOND = "127.53.1.1", "127.53.1.2"
PROXY, BIND, SCRIPTED, NOBODY = "127.53.3.1", "127.0.0.1", "127.53.6.1", "127.53.7.7"  # BIND listens only where lo has an address
PLAIN, CLAMPING, VALIDATING, LYING, STALE = "127.53.9.1", "127.53.9.2", "127.53.9.3", "127.53.9.4", "127.53.9.5"
SIGNED = ("signed.com", "expired.com")
SOA = "@ 300 IN SOA ns1 hostmaster 7 3600 600 86400 60"

MAIL = (
    "@ 300 IN MX 0 good-com.mail.protection.outlook.com.",
    '@ 300 IN TXT "v=spf1 include:spf.protection.outlook.com -all"',
    '@ 300 IN TXT "MS=ms1234" "5678"',
    "autodiscover 300 IN CNAME autodiscover.outlook.com.",
    "selector1._domainkey 300 IN CNAME selector1-good-com._domainkey.contoso.onmicrosoft.com.",
    "selector2._domainkey 300 IN CNAME selector2-good-com._domainkey.contoso.onmicrosoft.com.",
    '_dmarc 300 IN TXT "v=DMARC1; p=none"',
    "_sipfederationtls._tcp 300 IN SRV 100 1 5061 sipfed.online.lync.com.",
)


def _with_mx(*lines: str) -> tuple[str, ...]:
    return (*lines, *MAIL[1:])


MOVING = _with_mx("@ 8 IN MX 10 old.example.com.")


# domain: (address, lines) for each name server; without lines the delegation points at a server that knows nothing of it
CUSTOMERS: Mapping[str, Sequence[tuple[str, Sequence[str] | None]]] = {
    "good.com": [(FIRST, MAIL), (SECOND, MAIL)],
    "mixed.com": [(FIRST, MAIL), (BIND, MAIL)],
    "split.com": [(FIRST, MAIL), (SECOND, _with_mx("@ 300 IN MX 10 old.example.com."))],
    "half.com": [(FIRST, MAIL), (NOBODY, None)],
    "dark.com": [(NOBODY, None)],
    "refused.com": [(FIRST, MAIL), (SECOND, None)],
    "lame.com": [(FIRST, MAIL), (PLAIN, None)],
    "tc.com": [(PROXY, MAIL)],
    "late.com": [(PROXY, MAIL)],
    "servfail.com": [(PROXY, MAIL)],
    "nomx.com": [(FIRST, MAIL[1:])],
    "deadmx.com": [(FIRST, _with_mx("@ 300 IN MX 0 gone.outlook.com."))],
    "aliasmx.com": [(FIRST, _with_mx("@ 300 IN MX 0 autodiscover.outlook.com."))],
    "literal.com": [(FIRST, _with_mx("@ 300 IN MX 0 192.0.2.1."))],
    "nodot.com": [(FIRST, _with_mx("@ 300 IN MX 0 good-com.mail.protection.outlook.com"))],
    "twomx.com": [(FIRST, (*MAIL, "@ 300 IN MX 20 old.example.com."))],
    "code.com": [(FIRST, (*MAIL, "@ 300 IN MX 0 ms12345678.msv1.invalid."))],
    "my-co.com": [(FIRST, _with_mx("@ 300 IN MX 0 my-co-com.mail.protection.outlook.com."))],
    "hour.com": [(FIRST, _with_mx("@ 3600 IN MX 0 good-com.mail.protection.outlook.com."))],
    "nullmx.com": [(FIRST, _with_mx("@ 300 IN MX 0 ."))],
    "wild.com": [(FIRST, (*MAIL, "* 300 IN CNAME web.example.com."))],
    "big.com": [(FIRST, (*MAIL, *(f'@ 300 IN TXT "verification-{number:03d}={"x" * 40}"' for number in range(40))))],
    "loop.com": [(FIRST, (*MAIL[:3], "autodiscover 300 IN CNAME b", "b 300 IN CNAME autodiscover"))],
    "deeper.com": [(FIRST, (*MAIL[:4], "_domainkey 300 IN NS ns1.vendor", f"ns1.vendor 300 IN A {SECOND}"))],
    "otherns.com": [(FIRST, (*MAIL, "@ 300 IN NS ns9", f"ns9 300 IN A {SECOND}")), (SECOND, MAIL)],
    "signed.com": [(FIRST, MAIL)],
    "expired.com": [(FIRST, MAIL)],
    "secret.com": [(FIRST, (*MAIL, '@ 300 IN TXT "password=hunter2hunter2"'))],
    "moving.com": [(FIRST, MOVING), (SECOND, MOVING)],  # changed while a test runs
    "xn--mller-kva.com": [(FIRST, MAIL)],
    **{
        f"{name}.com": [(SCRIPTED, None)] for name in ("notcp", "formerr", "noedns", "wrongid", "garbage", "extra", "beside", "cut", "noaa")
    },
}
DEEPER = ("deeper.com", "_domainkey.deeper.com", SECOND)
HOSTS = {
    "outlook.com": [
        *("good-com.mail.protection 10 IN A 192.0.2.25", "autodiscover 10 IN CNAME autod", "autod 10 IN A 192.0.2.80"),
    ],
    "onmicrosoft.com": [f'selector{n}-good-com._domainkey.contoso 300 IN TXT "v=DKIM1; k=rsa; p=MIGf"' for n in (1, 2)],
    "example.com": ["old 300 IN A 192.0.2.7", "web 300 IN A 192.0.2.8"],
}


def names_of(domain: str) -> list[tuple[str, str]]:
    """The name servers of a customer's domain with their addresses."""
    return [(f"ns{number}.{domain}.", ip) for number, (ip, _) in enumerate(CUSTOMERS[domain], start=1)]


def delegation(domain: str) -> list[str]:
    """The lines of the registry for a customer's domain."""
    return [line for name, ip in names_of(domain) for line in (f"{domain}. 300 IN NS {name}", f"{name} 300 IN A {ip}")]


def root_zone() -> str:
    return _zone(
        SOA.replace("@", ".").replace("ns1 hostmaster", "a. b."),
        [
            ". 300 IN NS ns.root.",
            f"ns.root. 300 IN A {ROOT}",
            "com. 300 IN NS ns.com.",
            f"ns.com. 300 IN A {REGISTRY}",
        ],
    )


def registry_zone(ds: Sequence[str] = ()) -> str:
    """The zone `com` with every delegation, and the DS records of signed zones."""
    of_hosts = [line for zone in HOSTS for line in (f"{zone}. 300 IN NS ns.{zone}.", f"ns.{zone}. 300 IN A {REGISTRY}")]
    lines = [*(line for domain in CUSTOMERS for line in delegation(domain)), *ds]
    return _zone(SOA, ["@ 300 IN NS ns", f"ns 300 IN A {REGISTRY}", *of_hosts, *lines])


def host_zone(zone: str) -> str:
    return _zone(SOA, ["@ 300 IN NS ns", f"ns 300 IN A {REGISTRY}", *HOSTS[zone]])


def customer_zone(domain: str, lines: Sequence[str]) -> str:
    """The zone of a customer's domain as one of its servers holds it."""
    own = [line for name, ip in names_of(domain) for line in (f"@ 300 IN NS {name}", f"{name} 300 IN A {ip}")]
    return _zone(SOA, [*own, *lines])


def zones_at(ip: str, ds: Sequence[str] = ()) -> dict[str, str]:
    """The zones that the server at an address holds; the proxy hands on what the first server holds."""
    found = {
        domain: customer_zone(domain, lines)
        for domain, servers in CUSTOMERS.items()
        for at, lines in servers
        if lines is not None and (at == ip or (at == PROXY and ip == FIRST))
    }
    if ip == DEEPER[2]:
        found[DEEPER[1]] = _zone(SOA, ["@ 300 IN NS ns1.vendor.deeper.com.", 'selector1 300 IN TXT "v=DKIM1; p=vendor"'])
    if ip == REGISTRY:
        found |= {"com": registry_zone(ds), **{zone: host_zone(zone) for zone in HOSTS}}
    return found | ({".": root_zone()} if ip == ROOT else {})


def _zone(soa: str, lines: Sequence[str]) -> str:
    return "\n".join(["$TTL 300", soa, *lines, ""])
