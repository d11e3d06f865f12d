"""A job's life: what clients may ask for is what the table allows, and the docs draw the table."""

import re
from pathlib import Path

import pytest

from service.domain.job import ACTIONS, LIVE, TERMINAL, TRANSITIONS, Action, Status, diagram, status_after
from service.errors import InvalidTransition

DOCS = (Path(__file__).parents[3] / "docs" / "jobs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("request_", ACTIONS)
def test_a_request_is_a_transition_or_changes_nothing(request_: Action) -> None:
    """Whatever a client may ask for, the table of transitions has it, or the job is there already."""
    for current, wanted in ACTIONS[request_].items():
        assert wanted == current or wanted in TRANSITIONS[current]


@pytest.mark.parametrize("request_", ACTIONS)
def test_asking_twice_is_asking_once(request_: Action) -> None:
    """What a request leads to, the same request leaves as it is."""
    for wanted in ACTIONS[request_].values():
        assert status_after(request_, wanted) == wanted


def test_what_cannot_be_asked_says_where_the_job_stands() -> None:
    """A job that has ended cannot be paused, and the text says so."""
    with pytest.raises(InvalidTransition, match="succeeded does not allow the action 'pause'"):
        status_after("pause", Status.SUCCEEDED)


def test_every_job_can_come_to_an_end() -> None:
    """From each status a way leads to a terminal one, and where no worker is at work a client can go it."""
    for status in Status:
        reached, front = {status}, {status}
        while front := {after for one in front for after in TRANSITIONS[one]} - reached:
            reached |= front
        assert reached & TERMINAL
        if status not in LIVE | TERMINAL:
            assert status_after("cancel", status) in TERMINAL


def test_the_docs_draw_the_table() -> None:
    """The diagram in docs/jobs.md is the one that the table gives."""
    drawn = re.search(r"^```mermaid\n(.*?)\n```", DOCS, re.DOTALL | re.MULTILINE)
    assert drawn
    assert drawn[1] == diagram()
