"""Builds the application: its routes, its middleware, its OpenAPI document."""

import asyncio
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.access import scopes
from service.api.access.gate import check_all_gated
from service.api.fast_path.routes import FastRoutes
from service.api.http import openapi, problems
from service.api.lifespan import lifespan
from service.api.live.metrics import Metrics
from service.api.middleware.body_limit import BodyLimit
from service.api.middleware.codings import CompressedAnswers
from service.api.middleware.head_requests import HeadRequests
from service.api.middleware.one_pass import OnePass
from service.api.middleware.tracing import RequestTracing
from service.api.protocols import open_inference, tensorflow_serving
from service.api.routes import (
    charts,
    checkpoints,
    compare,
    datasets,
    documents,
    events,
    experiments,
    health,
    history,
    images,
    jobs,
    metrics,
    models,
    networks,
    options,
    own_key,
    page,
    predict,
    reference,
    reports,
    samples,
    steps,
    teach,
    webhooks,
)
from service.api.schemas import datasets as dataset_bodies
from service.api.schemas import predictions
from service.api.schemas.datasets import NewDataset, SamplePatch
from service.api.schemas.job_bodies import job_bodies
from service.api.schemas.models import AliasTarget, NewVersion
from service.api.siblings import Siblings
from service.composition import Services
from service.domain.experiment import MoreSeeds, NewExperiment
from service.domain.patch import JobPatch
from service.domain.webhook import NewWebhook, WebhookPatch
from service.operations import tracing
from service.operations.tracing import Tracing
from service.settings import Settings

#: The paths with the larger body limit of uploads.
UPLOAD_PATHS = ("/v1/checkpoints", "/v1/datasets")

DESCRIPTION = (
    "Errors are problem documents (RFC 9457) with a stable `code`. Where keys are required, send one as "
    "`Authorization: Bearer` or `X-API-Key`; `x-required-scopes` lists the scopes of which it needs one."
)

#: Models of the OpenAPI document that no route's signature names: bodies that routes parse themselves, and errors.
BODY_MODELS: tuple[type[BaseModel], ...] = (
    JobPatch,
    NewDataset,
    NewVersion,
    NewWebhook,
    SamplePatch,
    WebhookPatch,
    AliasTarget,
    NewExperiment,
    MoreSeeds,
    problems.Problem,
)

#: Routes are matched in this order, and each attempt costs time: the hot ones come first.
ROUTE_MODULES = (
    *(predict, jobs, history, events, checkpoints, models, tensorflow_serving, open_inference, options, health),
    *(datasets, images, samples, teach, webhooks, metrics, charts, reports, networks, compare, experiments, steps),
    *(own_key, page, reference, documents),
)

#: The routers whose plain routes are matched ahead of FastAPI's routing.
FAST_ROUTERS = (predict.router, open_inference.router, tensorflow_serving.router)


class App(FastAPI):
    """FastAPI with this service's middleware around it, and a completed OpenAPI document."""

    settings: Settings
    metrics: Metrics
    stopping: asyncio.Event
    siblings: Siblings
    services: Services | None = None
    tracing: Tracing | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request without the calls of FastAPI and Starlette in front of the middleware."""
        if scope["type"] != "http" or self.middleware_stack is None:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Put the middleware outside of FastAPI's own, so that responses to unexpected errors pass it too."""
        self.tracing = tracing.start("api")
        fastapi = HeadRequests(CompressedAnswers(super().build_middleware_stack()))
        app = FastRoutes(fastapi, *FAST_ROUTERS)
        limits = BodyLimit(
            max_body_bytes=self.settings.max_body_bytes,
            uploads=dict.fromkeys(UPLOAD_PATHS, self.settings.max_upload_bytes),
            max_large=self.settings.max_large_bodies,
            stopping=self.stopping,
        )
        one_pass = OnePass(app, self.settings, metrics=self.metrics, body_limit=limits)
        return RequestTracing(one_pass, self.tracing) if self.tracing else one_pass

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, built at the first request for it."""
        if self.openapi_schema is None:
            document = openapi.completed(
                super().openapi(), BODY_MODELS, job_bodies() | predictions.SCHEMAS | dataset_bodies.SCHEMAS
            )
            document["components"]["securitySchemes"] = dict(scopes.SCHEMES)
            self.openapi_schema = document
        return self.openapi_schema


def create_app(settings: Settings, services: Services | None = None, siblings: Siblings | None = None) -> FastAPI:
    """Return the application; its lifespan composes the *services*, unless they are given, and closes them."""
    app = App(
        title="naivenet",
        summary="Train a neural network written from scratch, watch it learn, and let it read digits.",
        description=DESCRIPTION,
        version="0.1.0",
        license_info={"name": "MIT", "identifier": "MIT"},
        lifespan=lifespan,
        docs_url=None,  # FastAPI's page loads its scripts from another host; ours is in routes/reference.py
        redoc_url=None,
        openapi_url=None,  # likewise: compressed once, and with an ETag
        exception_handlers=problems.HANDLERS,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the middleware has its own
    )
    app.settings, app.services, app.siblings = settings, services, siblings or Siblings()
    app.metrics, app.stopping = Metrics(app.siblings), asyncio.Event()
    for module in ROUTE_MODULES:
        check_all_gated(module.router.routes)
        app.router.routes += module.router.routes  # not included: FastAPI would build them again at the first request
    return app
