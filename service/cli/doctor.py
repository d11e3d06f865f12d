"""``naivenet doctor``: checks everything that the service needs, and says how to repair it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from service.settings import load_settings


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check everything that the service needs. The exit status is 1 if something is wrong.

    The environment variables of `serve` select the service.
    """
    from service.operations.doctor import examine  # noqa: PLC0415  # the other commands do not need it

    findings = examine(load_settings())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'BAD'} {finding.check:<12} {finding.found}")
            if finding.remedy:
                typer.echo(f"{'':17}{finding.remedy}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
