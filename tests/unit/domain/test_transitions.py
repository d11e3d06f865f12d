"""The actions of clients on jobs agree with the table of transitions, and the docs draw that table."""

import re
from pathlib import Path

import pytest

from service.domain.job import ACTIONS, LIVE, TERMINAL, TRANSITIONS, Action, Status, status_after
from service.errors import InvalidTransition

DIAGRAM = (Path(__file__).parents[3] / "docs" / "reference" / "job-states.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_a_transition_or_changes_nothing(action: Action) -> None:
    """Each action leads to a transition of the table, or leaves the status unchanged."""
    for current, wanted in ACTIONS[action].items():
        assert wanted == current or wanted in TRANSITIONS[current]


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_are_idempotent(action: Action) -> None:
    """Repeating an action changes nothing."""
    for wanted in ACTIONS[action].values():
        assert status_after(action, wanted) == wanted


def test_a_refused_action_names_the_status() -> None:
    """A job that has ended cannot be paused; the error names its status."""
    with pytest.raises(InvalidTransition, match="succeeded does not allow the action 'pause'"):
        status_after("pause", Status.SUCCEEDED)


def test_every_job_can_come_to_an_end() -> None:
    """A terminal status can be reached from each status; a job without a worker can be cancelled at once."""
    for status in Status:
        reached, front = {status}, {status}
        while front := {after for one in front for after in TRANSITIONS[one]} - reached:
            reached |= front
        assert reached & TERMINAL
        if status not in LIVE | TERMINAL:
            assert status_after("cancel", status) in TERMINAL


def test_the_docs_draw_the_table() -> None:
    """The diagram in docs/reference/jobs.md has an arrow for each transition, and no other."""
    drawn = re.findall(r'<path class="arrow" d="[^"]+"><title>(\w+) to (\w+)</title>', DIAGRAM)
    assert sorted(drawn) == sorted((one, other) for one, following in TRANSITIONS.items() for other in following)
