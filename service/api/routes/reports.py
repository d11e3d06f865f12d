"""Reports: what a job or an experiment has done as one HTML file, to keep and to pass on."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import BulkThreadDep, ChartRendererDep, ServicesDep
from service.api.http.languages import language_of
from service.api.reports import (
    ReportFile,
    read_experiment_report,
    read_job_report,
    write_experiment_report,
    write_job_report,
)
from service.domain.key import Scope
from service.messages import Language

router = APIRouter(route_class=GatedRoute)

#: A report runs no script and loads nothing, also where a browser opens it from this service.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The report.", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads a report: the language, and the address by which they reach the service."""

    language: Language
    url: str

    def response(self, report: ReportFile) -> Response:
        """Return the report as a file to save."""
        headers = {
            "Content-Disposition": f'attachment; filename="{report.name}"',
            "Content-Language": self.language,
            "Content-Security-Policy": _POLICY,
            "Vary": "Accept-Language",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(report.page, media_type="text/html", headers=headers)


def _reader(
    request: Request,
    language: Annotated[
        Language | None, Query(description="The language; by default that of `Accept-Language`.")
    ] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> Reader:
    return Reader(language=language or language_of(accept_language), url=str(request.base_url).rstrip("/"))


ReaderDep = Annotated[Reader, Depends(_reader)]


@router.get("/v1/jobs/{job_id}/report", tags=["jobs"], response_class=Response, responses=_RESPONSES)
@requires(Scope.READ)
async def job_report(
    job_id: str, reader: ReaderDep, services: ServicesDep, renderer: ChartRendererDep, bulk_thread: BulkThreadDep
) -> Response:
    """Return a job as one HTML file that opens offline: results, charts, epochs, diagnostics, configuration."""
    report = await bulk_thread.run_long(read_job_report, services, job_id)
    return reader.response(await write_job_report(report, renderer, language=reader.language, url=reader.url))


@router.get(
    "/v1/experiments/{experiment_id}/report", tags=["experiments"], response_class=Response, responses=_RESPONSES
)
@requires(Scope.READ)
async def experiment_report(
    experiment_id: str, reader: ReaderDep, services: ServicesDep, renderer: ChartRendererDep, bulk_thread: BulkThreadDep
) -> Response:
    """Return an experiment as one HTML file that opens offline: its answer, charts, tables, and how to repeat it."""
    report = await bulk_thread.run_long(read_experiment_report, services, experiment_id)
    return reader.response(await write_experiment_report(report, renderer, language=reader.language, url=reader.url))
