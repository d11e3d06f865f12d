"""What processes share: rows, over SQLAlchemy. One method, one transaction; no session, row or engine leaves here."""

from service.store.checkpoints import CheckpointStore
from service.store.database import Database
from service.store.events import EventStore
from service.store.history import HistoryStore
from service.store.jobs import JobStore
from service.store.keys import KeyStore
from service.store.models import ModelStore
from service.store.outbox import OutboxStore
from service.store.trainers import TrainerStore
from service.store.unanswered import UnansweredStore
from service.store.watches import WatchStore
from service.store.webhooks import WebhookStore
from service.store.worker import WorkerStore

__all__ = [
    "CheckpointStore",
    "Database",
    "EventStore",
    "HistoryStore",
    "JobStore",
    "KeyStore",
    "ModelStore",
    "OutboxStore",
    "TrainerStore",
    "UnansweredStore",
    "WatchStore",
    "WebhookStore",
    "WorkerStore",
]
