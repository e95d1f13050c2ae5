"""Simulated tenants that export what real ones would."""

from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.export import export
from ctm_audit.sim.faults import FAULTS, Fault
from ctm_audit.sim.scenario import Scenario

__all__ = ["FAULTS", "Fault", "Scenario", "contoso_to_fabrikam", "export"]
