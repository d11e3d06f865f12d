"""``naivenet options``: what the configuration of a job can choose from."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from service.cli import output
from service.cli.connection import Service, calls_service

if TYPE_CHECKING:
    from naivenet_client.schemas.options import Options, Parameter


@calls_service
def options(service: Service) -> None:
    """List the activations, initializers, optimizers, schedules, precisions, datasets and presets of jobs."""
    with service.connect() as client:
        found = client.options()
    if service.as_json:
        service.print_json()
    else:
        output.print_table(("kind", "name", "parameters"), _rows(found))


def _rows(options: "Options") -> Iterator[tuple[str, str, str]]:
    plain = {"preset": options.presets, "dataset": options.datasets, "activation": options.activations}
    plain["precision"] = [each.name for each in options.precisions]
    described = {"initializer": options.initializers, "optimizer": options.optimizers, "schedule": options.schedules}
    yield from ((kind, name, "") for kind, names in plain.items() for name in names)
    yield from (
        (kind, each.name, _defaults(each.parameters)) for kind, choices in described.items() for each in choices
    )
    yield "augment", "", _defaults(options.augment)


def _defaults(parameters: "Iterable[Parameter]") -> str:
    return ", ".join(f"{each.name}={each.default}" for each in parameters)
