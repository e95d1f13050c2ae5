"""What can be wrong with who somebody is in the target: names, accounts, and rows of the mapping that mean the same.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from ctm_audit.sim.people import CONTOSO, FABRIKAM
from ctm_audit.sim.scenario import Scenario


def upn_with_marks(scenario: Scenario, row: int = 0) -> Scenario:
    """The mapping plans a UPN as the person writes the name, with letters that Entra ID does not take."""
    return scenario.with_row(row, upn=f"zoë.müller{row}@{FABRIKAM}")


def upn_is_a_number(scenario: Scenario, row: int = 0) -> Scenario:
    """The person shall sign in with a staff number, and is known by an address."""
    return scenario.with_row(row, final_upn=f"u{100_000 + row}@{CONTOSO}")
