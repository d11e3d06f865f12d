"""``naivenet experiment create``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import inputs
from service.cli.connection import Service, calls_service
from service.cli.experiments.bodies import body_of, seeds_of
from service.cli.experiments.watching import follow

if TYPE_CHECKING:
    from naivenet_client.schemas.experiments import Plan

Arms = Annotated[
    list[str] | None,
    typer.Option(
        "--arm",
        metavar="NAME:PATH=VALUE,...",
        help="A configuration to compare, such as `adam:optimizer.name=adam,epochs=3`. Repeatable.",
    ),
]
Swept = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="PATH=VALUE,...",
        help="A field with its values, such as `optimizer.learning_rate=0.01,0.1`: each combination is an arm. "
        "Repeatable.",
    ),
]


@calls_service
def create(  # the options of a command
    service: Service,
    *,
    config: Annotated[
        Path | None, typer.Option(help="The experiment: a JSON file, or - for standard input; options override it.")
    ] = None,
    arm: Arms = None,
    sweep: Swept = None,
    budget: Annotated[int | None, typer.Option(help="How many combinations of the sweep are drawn.")] = None,
    assignments: inputs.Assignments = None,
    seeds: Annotated[str | None, typer.Option(help="The seeds of every arm, such as `1,2,3`, or their number.")] = None,
    metric: Annotated[str | None, typer.Option(help="The metric to compare; `test_accuracy` by default.")] = None,
    baseline: Annotated[str | None, typer.Option(help="The arm that all others are compared with.")] = None,
    margin: Annotated[float | None, typer.Option(help="A difference of at most so much does not matter.")] = None,
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    stop_hopeless: Annotated[
        bool, typer.Option("--stop-hopeless", help="Give up arms that cannot become the best any more.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Queue nothing: show what it would train, and what that can show.")
    ] = False,
    watch_it: Annotated[bool, typer.Option("--watch", help="Wait until it ends, and show a live table.")] = False,
) -> None:
    """Train several configurations with the same seeds, and print the id of the experiment.

    Either each `--arm` is a configuration, with `--set` for what they have in common, or `--sweep` makes them from one.
    """
    fields = {"budget": budget, "seeds": seeds_of(seeds), "metric": metric, "baseline": baseline, "margin": margin}
    fields |= {"name": name, "stop_hopeless": stop_hopeless or None}
    body = body_of(config, arms=arm or (), sweep=sweep or (), common=assignments or (), **fields)
    with service.connect() as client:
        if check:
            service.print_result(_text(client.experiments.validate(body)))
            return
        experiment = client.experiments.create(body)
        if not (service.as_json and watch_it):
            service.print_result(experiment.id)
        if watch_it:
            follow(service, client, experiment.id)


def _text(plan: "Plan") -> str:
    lines = [f"{plan.jobs} jobs: {len(plan.arms)} arms, {len(plan.seeds)} seeds"]
    lines += [f"  {arm.name}" for arm in plan.arms]
    if plan.estimated_s is not None:
        lines.append(f"about {plan.estimated_s:.0f} s")
    if plan.minimal_detectable_difference is not None:
        lines.append(f"shows a difference of about {100 * plan.minimal_detectable_difference:.2f} points or more")
    elif plan.minimal_detectable_effect is None:
        lines.append("too few seeds to show any difference")
    return "\n".join(lines)
