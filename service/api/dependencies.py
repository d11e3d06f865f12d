"""What a route can be given: the parts that the lifespan opened, the caller, and the ids that the caller may change.

A route that FastAPI calls takes the ``...Dep`` aliases as arguments. A plain route (see ``fast_path``) has no
dependencies and reads the same parts from `state_of`.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Request

from service.api.access.gate import Gate
from service.api.access.rate_limits import StreamLimits
from service.api.live.dynamic_batching import DynamicBatching
from service.api.live.evaluator import Evaluations
from service.api.live.event_hub import EventHub
from service.api.live.live_weights import LiveWeights
from service.api.live.metrics import Metrics
from service.api.live.readiness import Readiness
from service.api.live.registry_refresh import RegistryRefresh
from service.api.store_threads import StoreThreads
from service.charts import ChartRenderer
from service.composition import Services
from service.domain.key import Caller, Scope
from service.errors import Forbidden
from service.exports.exporter import Exporter
from service.inference.answers.registry import Registry
from service.inference.limits import InputLimits
from service.jobs.datasets import check_writable


class State(TypedDict):
    """The parts that the lifespan opens; every request carries them in its ASGI scope."""

    services: Services
    gate: Gate
    stream_limits: StreamLimits
    input_limits: InputLimits
    registry: Registry
    registry_refresh: RegistryRefresh
    event_hub: EventHub
    live_weights: LiveWeights
    dynamic_batching: DynamicBatching
    exporter: Exporter
    evaluations: Evaluations
    chart_renderer: ChartRenderer
    metrics: Metrics
    trainer_runs: Callable[[], bool] | None
    store_threads: StoreThreads
    bulk_thread: StoreThreads
    datasets_thread: StoreThreads
    readiness: Readiness


def state_of(request: Request) -> State:
    """Return the parts that the lifespan opened, for a plain route."""
    state: State = request.scope["state"]
    return state


def _from_state(name: str) -> Any:
    async def read(request: Request) -> Any:  # a coroutine: FastAPI would call a plain function in a thread
        return request.scope["state"][name]

    return Depends(read)


ServicesDep = Annotated[Services, _from_state("services")]
StreamLimitsDep = Annotated[StreamLimits, _from_state("stream_limits")]
RegistryDep = Annotated[Registry, _from_state("registry")]
RegistryRefreshDep = Annotated[RegistryRefresh, _from_state("registry_refresh")]
InputLimitsDep = Annotated[InputLimits, _from_state("input_limits")]
LiveWeightsDep = Annotated[LiveWeights, _from_state("live_weights")]
EventHubDep = Annotated[EventHub, _from_state("event_hub")]
ExporterDep = Annotated[Exporter, _from_state("exporter")]
EvaluationsDep = Annotated[Evaluations, _from_state("evaluations")]
ChartRendererDep = Annotated[ChartRenderer, _from_state("chart_renderer")]
MetricsDep = Annotated[Metrics, _from_state("metrics")]
#: Whether the trainer runs that belongs to this service; None if a trainer runs elsewhere.
TrainerRunsDep = Annotated[Callable[[], bool] | None, _from_state("trainer_runs")]

StoreThreadsDep = Annotated[StoreThreads, _from_state("store_threads")]
#: One thread for long histories and the data of charts: several would keep the interpreter from other requests.
BulkThreadDep = Annotated[StoreThreads, _from_state("bulk_thread")]
#: One thread to read uploaded datasets, for the same reason.
DatasetsThreadDep = Annotated[StoreThreads, _from_state("datasets_thread")]
ReadinessDep = Annotated[Readiness, _from_state("readiness")]
GateDep = Annotated[Gate, _from_state("gate")]

#: The API key that sent the request; the gate puts it into the state.
CallerDep = Annotated[Caller, _from_state("caller")]


def _own_job(job_id: str, caller: CallerDep, services: ServicesDep) -> str:
    if Scope.ADMIN not in caller.scopes:
        creator = services.jobs.get(job_id).created_by
        _check_owner(caller, creator.id if creator else None, f"job {job_id!r}")
    return job_id


def _own_checkpoint(checkpoint_id: str, caller: CallerDep, services: ServicesDep) -> str:
    if Scope.ADMIN not in caller.scopes:
        checkpoint = services.checkpoints.get(checkpoint_id)
        job = services.jobs.get(checkpoint.job_id) if checkpoint.job_id else None
        creator_id = job.created_by.id if job and job.created_by else checkpoint.created_by
        _check_owner(caller, creator_id, f"checkpoint {checkpoint_id!r}")
    return checkpoint_id


def _own_dataset(name: str, caller: CallerDep, services: ServicesDep) -> str:
    if Scope.ADMIN not in caller.scopes:
        check_writable(services, name)
        creator = services.datasets.get(name).created_by
        _check_owner(caller, creator.id if creator else None, f"dataset {name!r}")
    return name


def _own_experiment(experiment_id: str, caller: CallerDep, services: ServicesDep) -> str:
    if Scope.ADMIN not in caller.scopes:
        creator = services.experiments.get(experiment_id).created_by
        _check_owner(caller, creator.id if creator else None, f"experiment {experiment_id!r}")
    return experiment_id


def _check_owner(caller: Caller, creator_id: str | None, resource: str) -> None:
    if not caller.owns(creator_id):
        raise Forbidden(
            f"The {resource} was made with another API key; use that key, or one with the scope `admin`, to change it."
        )


#: The id of a job, checkpoint or experiment, or a dataset's name, that the caller owns; the scope `admin` owns all.
OwnJob = Annotated[str, Depends(_own_job)]
OwnCheckpoint = Annotated[str, Depends(_own_checkpoint)]
OwnDataset = Annotated[str, Depends(_own_dataset)]
OwnExperiment = Annotated[str, Depends(_own_experiment)]
