"""Linters of OpenAPI documents find no fault."""

import json

from tests.generators.conftest import Run

MOST_WARNINGS = 9


def test_redocly(run: Run) -> None:
    """Redocly's recommended rules find no error, and less than ten warnings."""
    output = run("redocly", "lint", "--format", "json", "openapi.json", accepted=(0, 1))
    totals = json.loads(output)["totals"]
    assert totals["errors"] == 0, output
    assert totals["warnings"] <= MOST_WARNINGS, output


def test_spectral(run: Run) -> None:
    """Spectral's rules for OpenAPI find no error, and less than ten warnings."""
    arguments = ("--ruleset", "spectral.yaml", "--format", "json", "--quiet", "openapi.json")
    found = json.loads(run("spectral", "lint", *arguments, accepted=(0, 1)))
    assert [each for each in found if each["severity"] == 0] == []
    assert len(found) <= MOST_WARNINGS, found
