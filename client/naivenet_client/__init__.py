"""A client of the naivenet service, blocking (`Client`) and asynchronous (`AsyncClient`).

::

    from naivenet_client import Client

    client = Client()
    job = client.jobs.create(preset="accurate", seed=1)
    job.wait()
    print(client.predict("seven.png").digit)

All errors are drawn as a tree in `naivenet_client.errors`.
"""

from naivenet_client._async.charts import AsyncChart
from naivenet_client._async.checkpoints import AsyncCheckpoint
from naivenet_client._async.client import AsyncClient
from naivenet_client._async.datasets import AsyncDataset
from naivenet_client._async.experiments import AsyncExperiment
from naivenet_client._async.job import AsyncJob, AsyncJobReference
from naivenet_client._async.models import AsyncModel
from naivenet_client._async.webhooks import AsyncWebhook
from naivenet_client._sync.charts import Chart
from naivenet_client._sync.checkpoints import Checkpoint
from naivenet_client._sync.client import Client
from naivenet_client._sync.datasets import Dataset
from naivenet_client._sync.experiments import Experiment
from naivenet_client._sync.job import Job, JobReference
from naivenet_client._sync.models import Model
from naivenet_client._sync.webhooks import Webhook
from naivenet_client.connection import __version__
from naivenet_client.errors import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidInput,
    InvalidSignature,
    JobFailed,
    NaivenetClientError,
    NotFound,
    PreconditionFailed,
    RateLimited,
    ServiceError,
    Timeout,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnexpectedResponse,
    Unreachable,
)
from naivenet_client.schemas.datasets import Sample
from naivenet_client.schemas.events import (
    ChangeEvent,
    CheckpointEvent,
    DiagnosticEvent,
    EpochEvent,
    Event,
    StatusEvent,
    StepsEvent,
)
from naivenet_client.schemas.experiments import ExperimentResult
from naivenet_client.schemas.history import EpochPoint, History, StepPoint
from naivenet_client.schemas.predictions import Prediction
from naivenet_client.schemas.webhooks import WebhookEvent
from naivenet_client.signatures import verify_webhook

__all__ = [
    "AsyncChart",
    "AsyncCheckpoint",
    "AsyncClient",
    "AsyncDataset",
    "AsyncExperiment",
    "AsyncJob",
    "AsyncJobReference",
    "AsyncModel",
    "AsyncWebhook",
    "ChangeEvent",
    "Chart",
    "Checkpoint",
    "CheckpointEvent",
    "Client",
    "Conflict",
    "Dataset",
    "DiagnosticEvent",
    "EpochEvent",
    "EpochPoint",
    "Event",
    "Experiment",
    "ExperimentResult",
    "FieldError",
    "Forbidden",
    "History",
    "InvalidInput",
    "InvalidSignature",
    "Job",
    "JobFailed",
    "JobReference",
    "Model",
    "NaivenetClientError",
    "NotFound",
    "PreconditionFailed",
    "Prediction",
    "RateLimited",
    "Sample",
    "ServiceError",
    "StatusEvent",
    "StepPoint",
    "StepsEvent",
    "Timeout",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "UnexpectedResponse",
    "Unreachable",
    "Webhook",
    "WebhookEvent",
    "__version__",
    "verify_webhook",
]
