"""Gates: no way leads to open but every required rule judged, passed and fresh."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.engine.gates import judge_gate, next_step, ready
from ctm_audit.engine.outcome import Outcome, weight_at
from ctm_audit.model import MAILBOX_STEPS, GateState, Step, Weight
from ctm_audit.rulebook.judging import Gap
from ctm_audit.rulebook.rule import Gate
from tests.engine.rules import made_rule

STAMPING = Gate("stamping", "Stamping", "before", 1)
TRUST = Gate("trust", "Trust", "before", 2)
GAP = Gap("Get-MailUser was not collected", ("target.mail_users.upn",))
SUBMIT = (Step.SUBMIT,)

counts = st.integers(0, 5)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    steps = st.lists(st.sampled_from(list(Step)), unique=True, max_size=3).map(tuple)
    blocks = draw(steps)
    warns = tuple(step for step in draw(steps) if step not in blocks)
    stale = dict.fromkeys(draw(steps), "too old")
    rule = made_rule("STP-01", blocks=blocks, warns=warns)
    gaps = draw(st.sampled_from([(), (GAP,)]))
    numbers = (0, 0) if gaps else (draw(counts), draw(counts))
    return Outcome(rule, frozenset(), *numbers, draw(counts), draw(counts), gaps, stale)


def plainly(found: list[Outcome], step: Step) -> GateState:
    """The state by the words of the design, one question after the other."""
    required = [o for o in found if step in o.rule.blocks]
    if not required:
        return GateState.NOT_REQUIRED
    if any(o.failed > 0 for o in required):
        return GateState.CLOSED
    if any(o.undetermined > 0 or o.gaps or step in o.stale for o in required):
        return GateState.UNDETERMINED
    return GateState.OPEN


@given(st.lists(outcomes(), max_size=6), st.sampled_from(list(Step)))
def test_a_gate_is_what_the_design_says(found: list[Outcome], step: Step) -> None:
    assert judge_gate(STAMPING, found, step).state is plainly(found, step)


@given(st.lists(outcomes(), min_size=1, max_size=6), st.sampled_from(list(Step)), outcomes())
def test_one_more_rule_never_opens_a_gate(found: list[Outcome], step: Step, another: Outcome) -> None:
    severity = [GateState.OPEN, GateState.UNDETERMINED, GateState.CLOSED]
    before, after = (judge_gate(STAMPING, o, step).state for o in (found, [*found, another]))
    if before is not GateState.NOT_REQUIRED:
        assert severity.index(after) >= severity.index(before)


def test_a_rule_that_could_not_be_judged_leaves_its_gate_undetermined_even_for_no_rows() -> None:
    found = Outcome(made_rule("STP-01", blocks=SUBMIT), frozenset(), gaps=(GAP,))
    result = judge_gate(STAMPING, [found], Step.SUBMIT)
    assert (result.state, result.undetermined) == (GateState.UNDETERMINED, 1)


def test_known_failures_close_the_gate_although_something_else_was_not_seen() -> None:
    unseen = Outcome(made_rule("STP-01", blocks=SUBMIT), frozenset(), gaps=(GAP,))
    failing = Outcome(made_rule("STP-03", blocks=SUBMIT), frozenset(), passed=2, failed=1)
    assert judge_gate(STAMPING, [unseen, failing], Step.SUBMIT).state is GateState.CLOSED


def test_evidence_too_old_for_the_step_makes_passes_undetermined_and_leaves_failures() -> None:
    old = {Step.SUBMIT: "30 days old"}
    passing = Outcome(made_rule("STP-01", blocks=SUBMIT), frozenset(), passed=3, stale=old)
    failing = Outcome(made_rule("STP-01", blocks=SUBMIT), frozenset(), passed=3, failed=1, stale=old)
    assert judge_gate(STAMPING, [passing], Step.SUBMIT).state is GateState.UNDETERMINED
    assert judge_gate(STAMPING, [failing], Step.SUBMIT).state is GateState.CLOSED


def test_that_a_rule_applies_to_nobody_must_rest_on_fresh_evidence_too() -> None:
    nobody = Outcome(made_rule("STP-01", blocks=SUBMIT), frozenset(), not_applicable=3, stale={Step.SUBMIT: "30 days old"})
    assert judge_gate(STAMPING, [nobody], Step.SUBMIT).state is GateState.UNDETERMINED


def test_ready_asks_for_at_least_one_required_gate() -> None:
    passing = Outcome(made_rule("STP-01", blocks=SUBMIT), frozenset(), passed=3)
    results = [judge_gate(gate, [passing], Step.SUBMIT) for gate in (STAMPING, TRUST)]
    assert ready(results) is True
    assert ready([judge_gate(gate, [passing], Step.VERIFY) for gate in (STAMPING, TRUST)]) is None
    assert ready([]) is None


def test_the_next_step_is_the_first_that_is_not_ready() -> None:
    prepared = Outcome(made_rule("ACC-01", blocks=(Step.ASSESS, Step.PREPARE)), frozenset(), passed=1)
    unstamped = Outcome(made_rule("STP-01", blocks=(Step.SUBMIT, Step.COMPLETE)), frozenset(), failed=1)
    assert next_step([STAMPING], [prepared, unstamped], Step) is Step.SUBMIT
    assert next_step([STAMPING], [prepared], Step) is Step.PREPARE
    assert next_step([STAMPING], [], Step) is Step.ASSESS


def test_before_its_first_step_a_failure_is_due_and_after_its_last_it_is_information() -> None:
    rule = made_rule("STP-01", blocks=(Step.SUBMIT,), warns=(Step.ASSESS,))
    weights = [weight_at(rule, step) for step in MAILBOX_STEPS]
    assert weights == [Weight.WARNING, Weight.DUE, Weight.BLOCKER, Weight.INFO, Weight.INFO, Weight.INFO]
