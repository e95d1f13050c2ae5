"""Gates at a step: closed, undetermined, open or not required. No option turns one off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ctm_audit.engine.outcome import Outcome, weight_at
from ctm_audit.model import GateResult, GateState, Step, Weight
from ctm_audit.rulebook.load import Gate


def judge_gate(gate: Gate, outcomes: Iterable[Outcome], step: Step) -> GateResult:
    """The state of one gate at a step, from the outcomes of its rules."""
    own = [outcome for outcome in outcomes if outcome.rule.gate == gate.id]
    by_weight = {weight: [o for o in own if weight_at(o.rule, step) is weight] for weight in Weight}
    required = by_weight[Weight.BLOCKER]
    return GateResult(
        id=gate.id,
        state=_state(required, step),
        failed=sum(outcome.failed for outcome in required),
        warned=sum(outcome.failed for outcome in by_weight[Weight.WARNING]),
        due=sum(outcome.failed for outcome in by_weight[Weight.DUE]),
        undetermined=sum(outcome.undetermined_at(step) for outcome in required),
        waived=sum(outcome.waived for outcome in required),
        attested=sum(outcome.attested for outcome in required),
    )


def _state(required: Sequence[Outcome], step: Step) -> GateState:
    if not required:
        return GateState.NOT_REQUIRED
    if any(outcome.failed for outcome in required):
        return GateState.CLOSED
    if any(outcome.undetermined_at(step) for outcome in required):
        return GateState.UNDETERMINED
    return GateState.OPEN


def ready(gates: Iterable[GateResult]) -> bool | None:
    """True when at least one gate is required and all required ones are open; False when one is closed; else None."""
    states = {gate.state for gate in gates} - {GateState.NOT_REQUIRED}
    if GateState.CLOSED in states:
        return False
    return True if states == {GateState.OPEN} else None


def next_step(gates: Sequence[Gate], outcomes: Sequence[Outcome], steps: Iterable[Step]) -> Step:
    """The first step, in the order of the project, that is not ready; the last one that requires anything if all are."""
    last = Step.ASSESS
    for step in steps:
        results = [judge_gate(gate, outcomes, step) for gate in gates]
        if all(result.state is GateState.NOT_REQUIRED for result in results):
            continue
        last = step
        if ready(results) is not True:
            return step
    return last
