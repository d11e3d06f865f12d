"""Experiments of numbers that a test chooses."""

from collections.abc import Iterable

from service.experiments import Arm, Run


def arm(name: str, values: Iterable[float | str]) -> Arm:
    """An arm with seeds from 1; in place of a value, a word is the state of a run without one."""
    return Arm(name=name, runs=[_run(seed, value) for seed, value in enumerate(values, 1)])


def _run(seed: int, value: float | str) -> Run:
    state, number = (value, None) if isinstance(value, str) else ("measured", value)
    return Run(seed=seed, job_id=f"job_{seed}", state=state, value=number)  # type: ignore[arg-type]  # a known word
