"""The rows that all processes share. Each method is one transaction; no session, row or engine leaves this package."""

from service.store.database import Database
from service.store.datasets.datasets import DatasetStore
from service.store.datasets.samples import SampleStore
from service.store.experiments.experiments import ExperimentStore
from service.store.jobs.claims import ClaimStore
from service.store.jobs.events import EventStore
from service.store.jobs.history import HistoryStore
from service.store.jobs.jobs import JobStore
from service.store.jobs.save_requests import SaveRequestStore
from service.store.jobs.steps import StepStore
from service.store.jobs.watches import WatchStore
from service.store.jobs.worker import WorkerStore
from service.store.models.checkpoints import CheckpointStore
from service.store.models.models import ModelStore
from service.store.operations.failure_counts import FailureCountStore
from service.store.operations.keys import KeyStore
from service.store.operations.trainers import TrainerStore
from service.store.webhooks.outbox import OutboxStore
from service.store.webhooks.webhooks import WebhookStore

__all__ = [
    "CheckpointStore",
    "ClaimStore",
    "Database",
    "DatasetStore",
    "EventStore",
    "ExperimentStore",
    "FailureCountStore",
    "HistoryStore",
    "JobStore",
    "KeyStore",
    "ModelStore",
    "OutboxStore",
    "SampleStore",
    "SaveRequestStore",
    "StepStore",
    "TrainerStore",
    "WatchStore",
    "WebhookStore",
    "WorkerStore",
]
