"""Who proves what DNS cannot, as the project wants it: other places for some hosts, and other certificates to trust."""

from __future__ import annotations

from ctm_audit.dns.proofs import SELECTORS, SMTP, Canary, places_of
from ctm_audit.dns.proving import Mail, Proving
from ctm_audit.dns.web import Web
from ctm_audit.errors import UsageError
from ctm_audit.project import MailProbe, Project
from ctm_audit.reference import load_reference


def open_web(project: Project | None) -> Web:
    """The web of a project, of the whole internet without one. UsageError when `[hosts]` cannot be used."""
    if project is None:
        return Web()
    bundle = project.hosts.get("ca_bundle")
    path = project.root / bundle if bundle else None
    if path is not None and not path.is_file():
        raise UsageError(f"{path} is not there.", hint="name a file of certificates as ca_bundle under [hosts], or leave it out")
    try:
        return Web(places_of(project.hosts), str(path) if path else None)
    except ValueError as reason:
        raise UsageError(f"[hosts] cannot be used: {reason}", hint='write "login.microsoftonline.com" = "127.0.0.1:8443"') from None


def open_proving(project: Project) -> Proving:
    """Everything that is asked about the project's domains beside name servers. UsageError when `[hosts]` cannot be used."""
    probe = project.dns.probe
    return Proving(
        open_web(project),
        tuple(load_reference().clouds.values()),
        (*SELECTORS, *project.dns.selectors),
        _mail(probe, project) if probe else None,
        project.dns.messages,
    )


def _mail(probe: MailProbe, project: Project) -> Mail:
    canaries = (*(Canary(one, "source") for one in probe.source), *(Canary(one, "target") for one in probe.target))
    return Mail(canaries, probe.sender, probe.hello, probe.hosts, places_of(project.hosts, SMTP))
