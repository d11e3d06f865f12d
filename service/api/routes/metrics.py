"""Metrics for Prometheus to scrape."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

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
    """Answer the metrics of the API's processes, and of the jobs in the database, in Prometheus's text format."""
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
