"""``naivenet doctor``: what the service needs, whether it is there, and what to do about what is not."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from service.settings import load_settings


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Look at all that the service needs; the exit status is 1 where something is wrong.

    Which service is told by the same variables as `serve` has.
    """
    from service.operations.doctor import examine  # noqa: PLC0415  # the other commands need none of it

    findings = examine(load_settings())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.check:<12} {finding.found}")
            if finding.remedy:
                typer.echo(f"{'':17}{finding.remedy}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
