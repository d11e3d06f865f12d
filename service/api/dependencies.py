"""What routes are given: the services of their process, and the models it has loaded.

They are coroutines, though they await nothing: a plain function FastAPI calls in a thread, which takes longer than it.
"""

from typing import Annotated

from fastapi import Depends, Request

from service.api.live.event_hub import EventHub
from service.composition import Services
from service.inference.answers.registry import Registry


async def _services(request: Request) -> Services:
    services: Services = request.state.services
    return services


async def _registry(request: Request) -> Registry:
    registry: Registry = request.state.registry
    return registry


async def _hub(request: Request) -> EventHub:
    hub: EventHub = request.state.hub
    return hub


ServicesDep = Annotated[Services, Depends(_services)]
RegistryDep = Annotated[Registry, Depends(_registry)]
HubDep = Annotated[EventHub, Depends(_hub)]
