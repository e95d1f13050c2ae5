"""A private internet of real name servers and resolvers, and the observer beside them.

`unshare -rn python -m tests.dns.bed FOLDER 53` has port 53 of a loopback of its own, from which nothing leaks. Where that is
forbidden, `python -m tests.dns.bed FOLDER 5300` serves the same at a high port. Requests come as lines of JSON; the bed ends with stdin.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query

from ctm_audit.dns.asking import Patience
from ctm_audit.dns.bundle import observe
from ctm_audit.errors import CtmAuditError
from ctm_audit.name_servers import NameServer
from ctm_audit.project import Dns
from tests.dns import zones as z

RESOLVERS = {"plain": z.PLAIN, "clamping": z.CLAMPING, "validating": z.VALIDATING, "lying": z.LYING, "stale": z.STALE, "nobody": z.NOBODY}
SERVERS = (z.ROOT, z.REGISTRY, z.FIRST, z.SECOND)
STARTED = 60.0
NSD = """server:
  ip-address: {ip}@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  xfrdfile: "{folder}/xfrd"
  zonelistfile: "{folder}/zones"
  rrl-ratelimit: 0
  server-count: 1
remote-control:
  control-enable: no
"""
UNBOUND = """server:
  interface: {ip}@{port}
  access-control: 127.0.0.0/8 allow_snoop
  do-not-query-localhost: no
  do-ip6: no
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  num-threads: 1
  root-hints: "{hints}"
  {more}
remote-control:
  control-enable: no
"""
MORE = {
    z.PLAIN: 'module-config: "iterator"',
    z.CLAMPING: 'module-config: "iterator"\n  cache-min-ttl: 3600\n  cache-max-ttl: 86400',
    z.VALIDATING: 'module-config: "validator iterator"\n  ede: yes\n  trust-anchor-file: "{anchors}"',
    z.STALE: 'module-config: "iterator"\n  serve-expired: yes\n  serve-expired-reply-ttl: 30',
    z.LYING: 'module-config: "iterator"\n  local-zone: "invalid." redirect\n  local-data: "invalid. A 192.0.2.99"',
}
NAMED = """options {{ directory "{folder}"; listen-on port {port} {{ {ip}; }}; listen-on-v6 {{ none; }}; recursion no;
  pid-file none; session-keyfile none; dnssec-validation no; }};
controls {{}};
"""
DNSDIST = """setLocal("{ip}:{port}")
setACL("127.0.0.0/8")
newServer({{address="{first}:{port}", checkType="SOA", checkName="good.com."}})
cut = newSuffixMatchNode(); cut:add("tc.com.")
late = newSuffixMatchNode(); late:add("late.com.")
addAction(AndRule({{SuffixMatchNodeRule(cut), TCPRule(false)}}), TCAction())
addAction(SuffixMatchNodeRule(late), DelayAction(400))
addAction(AndRule({{QNameRule("servfail.com."), QTypeRule(DNSQType.MX)}}), RCodeAction(DNSRCode.SERVFAIL))
addAction(AndRule({{QNameRule("servfail.com."), QTypeRule(DNSQType.TXT)}}), DropAction())
"""


def start(folder: Path, port: int) -> list[subprocess.Popen[bytes]]:
    """The daemons, running; each one answers."""
    anchors, ds = _signed(folder)
    processes = [_nsd(folder, ip, port, ds) for ip in SERVERS]
    processes += [_bind(folder, port), _dnsdist(folder, port), _scripted(port)]
    hints = folder / "hints"
    hints.write_text(f". 3600 IN NS ns.root.\nns.root. 3600 IN A {z.ROOT}\n", encoding="ascii")
    processes += [_unbound(folder, ip, port, hints, anchors) for ip in MORE]
    for ip, name in {z.ROOT: ".", z.REGISTRY: "com.", z.FIRST: "good.com.", z.SECOND: "good.com.", z.BIND: "mixed.com."}.items():
        _wait_for(ip, port, name)
    for ip in (z.PROXY, *MORE):
        _wait_for(ip, port, "good.com.")
    return processes


def _run(*command: str) -> subprocess.Popen[bytes]:
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PATH": path}
    )


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        raise SystemExit(f"{name} is missing: apt-get install nsd unbound bind9 bind9-utils dnsdist")
    return found


def _signed(folder: Path) -> tuple[Path, list[str]]:
    """Sign what is to be signed at the first server; where the trust anchors stand, and the DS records of the registry."""
    here, anchors, ds = folder / z.FIRST, folder / "anchors", list[str]()
    here.mkdir()
    for domain in z.SIGNED:
        (here / domain).write_text(z.zones_at(z.FIRST)[domain], encoding="ascii")
        key = _tool("dnssec-keygen")
        made = subprocess.run([key, "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", here, domain], capture_output=True, check=True)
        until = datetime.now(UTC) + (timedelta(days=-1) if domain == "expired.com" else timedelta(days=30))
        since = datetime.now(UTC) - timedelta(days=40)
        times = ("-s", since.strftime("%Y%m%d%H%M%S"), "-e", until.strftime("%Y%m%d%H%M%S"))
        options = ["-q", "-z", "-P", "-S", "-K", str(here), "-d", str(here), "-o", domain, "-f", str(here / domain), *times]
        subprocess.run([_tool("dnssec-signzone"), *options, str(here / domain)], capture_output=True, check=True, cwd=here)
        lines = (here / f"{made.stdout.decode().strip()}.key").read_text(encoding="ascii").splitlines()
        with anchors.open("a", encoding="ascii") as file:
            file.write("\n".join(line for line in lines if not line.startswith(";")) + "\n")
        ds += (here / f"dsset-{domain}.").read_text(encoding="ascii").splitlines()
    return anchors, ds


def _nsd(folder: Path, ip: str, port: int, ds: Sequence[str]) -> subprocess.Popen[bytes]:
    here = folder / ip
    here.mkdir(exist_ok=True)
    config = NSD.format(ip=ip, port=port, folder=here)
    for name, text in z.zones_at(ip, ds).items():
        file = here / (name if name != "." else "root")
        if not file.exists():
            file.write_text(text, encoding="ascii")
        config += f'zone:\n  name: "{name}"\n  zonefile: "{file.name}"\n'
    (here / "nsd.conf").write_text(config, encoding="ascii")
    return _run(_tool("nsd"), "-d", "-c", str(here / "nsd.conf"))


def _bind(folder: Path, port: int) -> subprocess.Popen[bytes]:
    here = folder / "bind"
    here.mkdir()
    config = NAMED.format(folder=here, port=port, ip=z.BIND)
    for name, text in z.zones_at(z.BIND).items():
        (here / name).write_text(text, encoding="ascii")
        config += f'zone "{name}" {{ type primary; file "{name}"; }};\n'
    (here / "named.conf").write_text(config, encoding="ascii")
    return _run(_tool("named"), "-f", "-n", "1", "-c", str(here / "named.conf"))


def _dnsdist(folder: Path, port: int) -> subprocess.Popen[bytes]:
    config = folder / "dnsdist.conf"
    config.write_text(DNSDIST.format(ip=z.PROXY, first=z.FIRST, port=port), encoding="ascii")
    return _run(_tool("dnsdist"), "-C", str(config), "--supervised", "--disable-syslog")


def _scripted(port: int) -> subprocess.Popen[bytes]:
    return _run(sys.executable, "-m", "tests.dns.scripted", z.SCRIPTED, str(port))


def _unbound(folder: Path, ip: str, port: int, hints: Path, anchors: Path) -> subprocess.Popen[bytes]:
    config = folder / f"unbound-{ip}.conf"
    text = UNBOUND.format(ip=ip, port=port, hints=hints, more=MORE[ip].format(anchors=anchors))
    config.write_text(text + ("" if port == 53 else "".join(_stubs(port))), encoding="ascii")
    return _run(_tool("unbound"), "-d", "-c", str(config))


def _stubs(port: int) -> Iterator[str]:
    """Where each zone is, for resolvers that cannot follow delegations to a high port."""
    of_customers = {domain: [ip for _, ip in z.names_of(domain)] for domain in z.CUSTOMERS}
    homes: Mapping[str, Sequence[str]] = {".": [z.ROOT], "com": [z.REGISTRY], **{zone: [z.REGISTRY] for zone in z.HOSTS}, **of_customers}
    for zone, ips in homes.items():
        yield f'stub-zone:\n  name: "{zone}"\n' + "".join(f"  stub-addr: {ip}@{port}\n" for ip in ips)


def _wait_for(ip: str, port: int, name: str) -> None:
    """Return when the server answers; SystemExit when it does not start."""
    until = time.monotonic() + STARTED
    while time.monotonic() < until:
        try:
            if dns.query.udp(dns.message.make_query(name, "SOA"), ip, 2.0, port).answer:
                return
        except (dns.exception.DNSException, OSError):
            time.sleep(0.05)
    raise SystemExit(f"the server at {ip} does not answer for {name}")


def settings(request: Mapping[str, Any], port: int, folder: Path) -> Dns:
    """The [dns] section that points the product at this bed."""
    places = (*SERVERS, z.PROXY, z.BIND, z.SCRIPTED, z.NOBODY)
    return Dns(
        bundle=folder,
        resolvers=tuple(NameServer(RESOLVERS[name], port, name) for name in request.get("resolvers", ("plain", "validating"))),
        own=tuple(NameServer(RESOLVERS[name], port, name) for name in request.get("own", ())),
        roots=(NameServer(request.get("root", z.ROOT), port, "ns.root"),),
        selectors=tuple(request.get("selectors", ())),
        resolver_rate=100_000,
        server_rate=100_000,
        ports={} if port == 53 else dict.fromkeys(places, port),
    )


def answer(request: Mapping[str, Any], port: int) -> dict[str, Any]:
    """What came of one request: the bundle's folder and what was told, or the refusal."""
    if "command" in request:
        command, here = [sys.executable, "-m", "ctm_audit", *request["command"]], {**os.environ, "PYTHONPATH": str(Path.cwd())}
        ran = subprocess.run(command, cwd=request["cwd"], env=here, capture_output=True, text=True, check=False)
        return {"code": ran.returncode, "stdout": ran.stdout, "stderr": ran.stderr}
    patience = Patience(tuple(request.get("patience", (1.0, 2.0, 4.0))), tcp=4.0)
    try:
        folder = Path(request["folder"])
        found = observe(settings(request, port, folder), request["domains"], folder, cloud="worldwide", patience=patience)
    except CtmAuditError as refusal:
        return {"code": refusal.exit_code, "summary": refusal.summary, "detail": refusal.detail}
    return {
        "code": found.exit_code,
        "bundle": str(found.bundle.path),
        "domains": found.domains,
        "gaps": found.gaps,
        "resolvers": found.resolvers,
    }


def rewritten(request: Mapping[str, Any], folder: Path, port: int, processes: Sequence[subprocess.Popen[bytes]]) -> dict[str, Any]:
    """Give a zone other lines at one of the SERVERS; it serves them when this returns."""
    ip, domain, lines = request["rewrite"]
    (folder / ip / domain).write_text(z.customer_zone(domain, lines), encoding="ascii")
    processes[SERVERS.index(ip)].send_signal(signal.SIGHUP)
    wanted = next(line.split(" ")[-1] for line in lines if " MX " in line)
    until = time.monotonic() + STARTED
    while wanted not in str(dns.query.udp(dns.message.make_query(domain, "MX"), ip, 1.0, port)):
        if time.monotonic() > until:
            raise SystemExit(f"{ip} does not serve the new zone")
        time.sleep(0.05)
    return {"serves": wanted}


def _say(document: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main(folder: Path, port: int) -> None:
    """Serve requests until stdin ends."""
    if port == 53:
        subprocess.run([_tool("ip"), "link", "set", "lo", "up"], check=True)
    processes = start(folder, port)
    try:
        _say({"port": port})
        for line in sys.stdin:
            request = json.loads(line)
            _say(rewritten(request, folder, port, processes) if "rewrite" in request else answer(request, port))
    finally:
        for process in processes:
            process.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
