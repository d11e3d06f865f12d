"""What routes are given: the services of their process, and the models it has loaded."""

from typing import Annotated

from fastapi import Depends, Request

from service.api.hub import Hub
from service.composition import Services
from service.inference.registry import Registry


def _services(request: Request) -> Services:
    services: Services = request.state.services
    return services


def _registry(request: Request) -> Registry:
    registry: Registry = request.state.registry
    return registry


def _hub(request: Request) -> Hub:
    hub: Hub = request.state.hub
    return hub


ServicesDep = Annotated[Services, Depends(_services)]
RegistryDep = Annotated[Registry, Depends(_registry)]
HubDep = Annotated[Hub, Depends(_hub)]
