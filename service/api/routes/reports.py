"""Reports: what a job has done as one HTML file, to keep and to pass on."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.charts.report import draw_report, read_report, report_name
from service.api.dependencies import BulkThreadDep, ChartRendererDep, ServicesDep
from service.api.http.languages import language_of
from service.domain.key import Scope
from service.messages import Language

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=GatedRoute)

#: A report runs no script and loads nothing, also where a browser opens it from this service.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@router.get(
    "/{job_id}/report",
    response_class=Response,
    responses={200: {"description": "The report.", "content": {"text/html": {"schema": {"type": "string"}}}}},
)
@requires(Scope.READ)
async def job_report(
    job_id: str,
    request: Request,
    services: ServicesDep,
    renderer: ChartRendererDep,
    bulk_thread: BulkThreadDep,
    language: Annotated[
        Language | None, Query(description="The language; by default that of `Accept-Language`.")
    ] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> Response:
    """Return a job as one HTML file that opens offline: results, charts, epochs, diagnostics, configuration."""
    report = await bulk_thread.run_long(read_report, services, job_id)
    chosen = language or language_of(accept_language)
    page = await draw_report(report, renderer, language=chosen, url=str(request.base_url).rstrip("/"))
    headers = {
        "Content-Disposition": f'attachment; filename="{report_name(report.job)}"',
        "Content-Language": chosen,
        "Content-Security-Policy": _POLICY,
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(page, media_type="text/html", headers=headers)
