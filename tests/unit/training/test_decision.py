"""What a run does after an event: the rules and their precedence."""

import itertools
import math
from typing import Any

import pytest

from service.domain.worker_messages import Change, Instructions
from service.training.worker.decision import Action, Situation, decide, wait_for_automatic_s

CHANGE = Change(id="change_1", learning_rate=0.5, momentum=None)

#: Each fact alone, in the order in which they decide, and the action that follows from it.
RULES: list[tuple[dict[str, Any], Action]] = [
    ({"stop": True}, Action.CANCEL),
    ({"is_complete": True}, Action.FINISH),
    ({"is_out_of_time": True}, Action.TIME_OUT),
    ({"pause": True}, Action.PAUSE),
    ({"is_released": True}, Action.RELEASE),
    ({"saves": ("save_1",)}, Action.SAVE),
    ({"is_checkpoint_due": True}, Action.SAVE),
    ({"is_automatic_due": True}, Action.SAVE_AUTOMATICALLY),
    ({"changes": (CHANGE,)}, Action.CONTINUE),
    ({}, Action.CONTINUE),
]


def situation(**facts: Any) -> Situation:
    """Build a situation in which these facts hold and no others."""
    names = Instructions.__dataclass_fields__
    instructions: dict[str, Any] = {"stop": False, "saves": ()}
    instructions |= {name: facts.pop(name) for name in list(facts) if name in names}
    return Situation(instructions=Instructions(**instructions), **facts)


@pytest.mark.parametrize(("facts", "action"), RULES, ids=["+".join(facts) or "nothing" for facts, _ in RULES])
def test_each_fact_has_its_action(facts: dict[str, Any], action: Action) -> None:
    """One fact alone leads to one action."""
    assert decide(situation(**facts)) is action


def test_of_two_facts_the_earlier_rule_decides() -> None:
    """A cancelled job is cancelled even if it is complete; a complete one finishes even if it is to pause."""
    for (facts, action), (others, _) in itertools.combinations(RULES, 2):
        assert decide(situation(**facts, **others)) is action


def test_every_action_but_cancel_and_continue_saves_a_checkpoint() -> None:
    """A worker never ends without its weights, unless the job was cancelled."""
    assert {action for action in Action if not action.saves} == {Action.CANCEL, Action.CONTINUE}


def test_an_attempt_goes_on_after_a_checkpoint_that_does_not_end_it() -> None:
    """A save request, a regular and an automatic checkpoint interrupt nothing; every other action ends the attempt."""
    going_on = {Action.SAVE, Action.SAVE_AUTOMATICALLY, Action.CONTINUE}
    assert {action for action in Action if action.trains_on} == going_on


def test_changes_are_applied_unless_the_job_ends() -> None:
    """A change that came too late for any step stays unapplied."""
    assert {action for action in Action if action.ends_the_job} == {Action.CANCEL, Action.FINISH}


@pytest.mark.parametrize(
    ("every_s", "cost_s", "wait_s"),
    [(60, 0, 60), (60, 2, 60), (60, 9, 180), (0.5, 0.1, 2), (0, 0, math.inf), (None, 1, math.inf)],
)
def test_automatic_checkpoints_take_a_twentieth_of_the_time_at_most(
    every_s: float | None, cost_s: float, wait_s: float
) -> None:
    """One is due after the configured time; a slow store makes them rarer, and 0 or null turns them off."""
    assert wait_for_automatic_s(every_s, cost_s=cost_s) == pytest.approx(wait_s)
