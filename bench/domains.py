"""Times the observation of domains on a loopback whose servers answer after 20 ms, beside checkdmarc on the same domains.

`python bench/domains.py [--domains N] [--matrix N] [--beside N]` prints one line a figure: 17 questions a domain from one vantage, the full
matrix of two authoritative servers and four resolvers with its bundle written, the same with one domain in twenty whose second server is
dead, and checkdmarc. Where a process may have a network of its own (`unshare -rn`) everything listens at port 53; else at a high port,
at which checkdmarc cannot be measured. `pip install .[bench]` installs it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.run import CHECKOUT, measure
from bench.slow_internet import ADDRESSES, RESOLVERS, ROOT, SILENT, domain

HIGH_PORT = 5377
AT_ONCE = 16
QUESTIONS = (
    *(
        ("", "MX"),
        ("", "TXT"),
        ("", "SOA"),
        ("", "NS"),
        ("autodiscover", "A"),
        ("selector1._domainkey", "TXT"),
        ("selector2._domainkey", "TXT"),
    ),
    *(("_dmarc", "TXT"), ("_mta-sts", "TXT"), ("_smtp._tls", "TXT"), ("default._bimi", "TXT"), ("enterpriseregistration", "CNAME")),
    *(("enterpriseenrollment", "CNAME"), ("_sipfederationtls._tcp", "SRV"), ("_sip._tls", "SRV"), ("msoid", "CNAME"), ("sip", "CNAME")),
)


def one_vantage(port: int, count: int) -> None:
    """Ask one resolver 17 questions about each domain; print domains a second."""
    from ctm_audit.dns.answer import Endpoint
    from ctm_audit.dns.asking import Asker

    async def ask_all() -> None:
        asker, gate = Asker(resolver_rate=1e6), asyncio.Semaphore(AT_ONCE)
        ask = asker.resolving(Endpoint(RESOLVERS[0], port))

        async def ask_one(name: str) -> None:
            async with gate:
                answers = await asyncio.gather(*(ask(f"{label}.{name}".lstrip("."), kind) for label, kind in QUESTIONS))
            assert all(answer.is_known for answer in answers), [answer for answer in answers if not answer.is_known]

        await asyncio.gather(*(ask_one(domain(number)) for number in range(count)))

    asyncio.run(ask_all())


def full_matrix(port: int, count: int) -> None:
    """Observe the domains with everybody and write the bundle; print what could not be seen."""
    from ctm_audit.dns.bundle import observe
    from ctm_audit.name_servers import NameServer
    from ctm_audit.project import Dns

    with tempfile.TemporaryDirectory() as folder:
        settings = Dns(
            bundle=Path(folder),
            resolvers=tuple(NameServer(ip, port, ip) for ip in RESOLVERS),
            own=(),
            roots=(NameServer(ROOT, port, "ns.root"),),
            resolver_rate=1_000_000,
            server_rate=1_000_000,
            ports={} if port == 53 else dict.fromkeys((*ADDRESSES, *SILENT), port),
        )
        found = observe(settings, [domain(number) for number in range(count)], Path(folder), cloud="worldwide")
        print(f"{found.asked:,} questions, {len(found.gaps)} gaps {found.gaps[:1]}", end=" ")


def beside(count: int) -> None:
    """checkdmarc on the same domains, with its own checks; it asks at port 53 alone."""
    import checkdmarc  # type: ignore[import-not-found, unused-ignore]  # in the extra `bench` alone

    checkdmarc.check_domains([domain(number) for number in range(count)], nameservers=[RESOLVERS[0]], skip_tls=True)


WORK = {"vantage": one_vantage, "matrix": full_matrix, "beside": lambda _, count: beside(count)}


def main(arguments: Sequence[str]) -> None:
    """Measure everything, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domains", type=int, default=1000, help="domains of one vantage")
    parser.add_argument("--matrix", type=int, default=1000, help="domains of the full matrix")
    parser.add_argument("--beside", type=int, default=20, help="domains of checkdmarc")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if not asked.alone and subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0:
        sys.exit(subprocess.run(["unshare", "-rn", sys.executable, __file__, "--alone", *arguments], check=False).returncode)
    port = 53 if asked.alone else HIGH_PORT
    if asked.alone:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, env={**os.environ, "PATH": f"{os.environ['PATH']}:/sbin:/usr/sbin"})
    _measure_all(port, asked.domains, asked.matrix, asked.beside)


def _measure_all(port: int, domains: int, matrix: int, few: int) -> None:
    with _internet(port):
        start = _told("17 questions, to take the start of Python off", "vantage", port, 1)
        written = _told("full matrix, to take the start and the writing off", "matrix", port, 1)
        own = _told("17 questions from one vantage", "vantage", port, domains)
        healthy = _told("full matrix, bundle written", "matrix", port, matrix)
        theirs = _told("checkdmarc", "beside", port, few) if _has_checkdmarc(port) else 0.0
    with _internet(port, "dead"):
        dead = _told("full matrix, one domain in twenty with a dead server", "matrix", port, matrix)
    print(f"without the start {domains / (own - start):.0f} and {matrix / (healthy - written):.1f} domains a second")
    print(f"with dead servers {dead / healthy:.2f} times the healthy time")
    if theirs:
        print(f"{(theirs / few) / ((own - start) / domains):.0f} times as fast as checkdmarc")


def _told(title: str, what: str, port: int, count: int) -> float:
    """Run one measurement and print it; its seconds."""
    found = measure([sys.executable, __file__, "--work", what, str(port), str(count)], allowed=(0,))
    speed = f"{count:,} domains in {found.seconds:.1f} s, {count / found.seconds:.1f} a second, {found.peak / 1e6:.0f} MB"
    print(f"{title}: {speed}; {found.output.strip()}", flush=True)
    return found.seconds


def _has_checkdmarc(port: int) -> bool:
    found = subprocess.run([sys.executable, "-c", "import checkdmarc"], capture_output=True, check=False).returncode == 0
    if not found:
        print("checkdmarc is not installed: pip install .[bench]")
    elif port != 53:
        print("checkdmarc asks at port 53 alone, which cannot be had here; it was not measured")
    return found and port == 53


@contextmanager
def _internet(port: int, *options: str) -> Iterator[None]:
    command = [sys.executable, str(Path(__file__).with_name("slow_internet.py")), str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=CHECKOUT) as process:
        assert process.stdout
        assert process.stdout.readline(), "the servers did not start"
        try:
            yield
        finally:
            process.kill()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        warnings.simplefilter("ignore")  # what checkdmarc says of itself
        WORK[sys.argv[2]](int(sys.argv[3]), int(sys.argv[4]))
        print(f"({time.process_time():.1f} s of processor time)")
    else:
        main(sys.argv[1:])
