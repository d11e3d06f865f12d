"""Metrics for Prometheus to scrape."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.exposition import generate_latest

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import MetricsDep
from service.domain.key import Scope

router = APIRouter(tags=["service"], route_class=GatedRoute)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The metrics."}},
)
@requires(Scope.READ)
def get_metrics(metrics: MetricsDep) -> Response:
    """Answer the metrics of this process, and of the jobs in the shared database, in Prometheus's text format."""
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
