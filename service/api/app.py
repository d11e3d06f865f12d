"""Builds the application: its routes, its middleware, and what lives as long as it does."""

import logging
import re
from secrets import token_hex
from typing import Any

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp

from service.api.access import scopes
from service.api.access.gate import check_gates
from service.api.fast_path.routes import put_in_front
from service.api.http import problems
from service.api.http.openapi import with_published_names, without_null
from service.api.lifespan import alive
from service.api.live.metrics import Metrics
from service.api.middleware.access_log import AccessLog
from service.api.middleware.body_limit import BodyLimit
from service.api.middleware.stack import with_edges
from service.api.middleware.tracing import RequestTracing
from service.api.protocols import open_inference, tensorflow_serving
from service.api.routes import (
    charts,
    checkpoints,
    compare,
    events,
    health,
    history,
    jobs,
    metrics,
    models,
    options,
    page,
    predict,
    reference,
    webhooks,
)
from service.api.schemas.resources import AliasTarget, NewVersion
from service.domain.config import JobConfig
from service.domain.patch import JobPatch
from service.domain.webhook import NewWebhook
from service.operations import tracing
from service.operations.tracing import Tracing
from service.settings import Settings

logger = logging.getLogger(__name__)

UPLOAD_PATH = "/v1/checkpoints"
UNSEEN: tuple[type[BaseModel], ...] = (JobConfig, JobPatch, NewVersion, NewWebhook, AliasTarget, problems.Problem)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class App(FastAPI):
    """FastAPI, with a request id and security headers on every answer, also on that to an error nobody foresaw."""

    settings: Settings
    metrics: Metrics
    tracing: Tracing | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """Put the request id outside of all else, and what observes next."""
        self.tracing = tracing.start("api")
        edged = with_edges(super().build_middleware_stack(), self.settings)
        return CorrelationIdMiddleware(
            AccessLog(
                RequestTracing(edged, self.tracing) if self.tracing else edged,
                metrics=self.metrics,
                level=self.settings.access_log,
            ),
            header_name="X-Request-ID",
            update_request_header=False,
            generator=lambda: token_hex(16),
            validator=lambda given: _REQUEST_ID.fullmatch(given) is not None,
            transformer=None,
        )

    def openapi(self) -> dict[str, Any]:
        """The document, with what FastAPI does not find by itself: bodies that routes read themselves, and problems.

        What it finds and is not so goes: a parameter may be left out, but is never null.
        """
        if self.openapi_schema is None:
            document = super().openapi()
            for model in UNSEEN:
                schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
                document["components"]["schemas"] |= {**schema.pop("$defs", {}), model.__name__: schema}
            for operation in (each for path in document["paths"].values() for each in path.values()):
                for parameter in operation.get("parameters", []):
                    parameter["schema"] = without_null(parameter["schema"])
            document["components"]["securitySchemes"] = dict(scopes.SCHEMES)
            self.openapi_schema = with_published_names(document)
        return self.openapi_schema or {}


def create_app(settings: Settings) -> FastAPI:
    """The application. Nothing is opened before it is started."""
    app = App(
        title="naivenet",
        summary="Train a neural network written from scratch, watch it learn, and let it read digits.",
        version="0.1.0",
        lifespan=alive,
        docs_url=None,  # FastAPI's loads its scripts from another host; ours is in reference.py
        redoc_url=None,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
        },  # ours: service.operations.tracing, metrics, logs
    )
    app.settings, app.metrics = settings, Metrics()
    problems.install(app)
    app.add_middleware(
        BodyLimit, max_body_bytes=settings.max_body_bytes, uploads={UPLOAD_PATH: settings.max_upload_bytes}
    )
    # Routes are tried in this order, and each try costs
    parts = (predict, jobs, history, events, checkpoints, models, tensorflow_serving, open_inference, options, health)
    for part in (*parts, webhooks, metrics, charts, compare, page, reference):
        check_gates(part.router.routes)
        app.router.routes += part.router.routes  # included, they would be built anew with the first request
    put_in_front(app, predict.router, open_inference.router, tensorflow_serving.router)
    return app
