"""Builds all services of a process from the settings. Nothing else builds a store or a database engine."""

from dataclasses import dataclass

from service.domain.config import ConfigLimits
from service.domain.dataset import DatasetLimits
from service.domain.forecast import Capacity
from service.settings import Settings
from service.storage.blobs import BlobStore
from service.storage.dataset_files import DatasetFiles
from service.storage.disks import Disks
from service.storage.pairing import StorePairing
from service.storage.snapshots import SnapshotStore
from service.storage.trash import Trash
from service.storage.weights import WeightStore
from service.store import (
    CheckpointStore,
    ClaimStore,
    Database,
    DatasetStore,
    EventStore,
    ExperimentStore,
    FailureCountStore,
    HistoryStore,
    JobStore,
    KeyStore,
    ModelStore,
    OutboxStore,
    SampleStore,
    SaveRequestStore,
    StepStore,
    TrainerStore,
    WatchStore,
    WebhookStore,
    WorkerStore,
)
from service.store.engines import IDLE_S
from service.store.jobs.retention import RetentionStore
from service.store.operations.identity import IdentityStore
from service.store.operations.metrics import MetricsStore
from service.store.operations.pruning import PruneStore
from service.store.retry import retry_while_unavailable


@dataclass(frozen=True, kw_only=True)
class Services:
    """All stores and services of a process."""

    settings: Settings
    limits: ConfigLimits
    database: Database
    blobs: BlobStore
    trash: Trash
    disks: Disks
    pairing: StorePairing
    jobs: JobStore
    experiments: ExperimentStore
    history: HistoryStore
    steps: StepStore
    events: EventStore
    checkpoints: CheckpointStore
    models: ModelStore
    claims: ClaimStore
    workers: WorkerStore
    save_requests: SaveRequestStore
    keys: KeyStore
    weights: WeightStore
    retention: RetentionStore
    pruning: PruneStore
    watches: WatchStore
    snapshots: SnapshotStore
    webhooks: WebhookStore
    outbox: OutboxStore
    metrics: MetricsStore
    trainers: TrainerStore
    datasets: DatasetStore
    samples: SampleStore
    dataset_files: DatasetFiles
    failure_counts: FailureCountStore

    def close(self) -> None:
        """Close the database connections."""
        self.database.close()


def config_limits(settings: Settings) -> ConfigLimits:
    """Return the operator's limits for the size of a job."""
    return ConfigLimits(max_epochs=settings.max_epochs, max_layers=settings.max_layers, max_units=settings.max_units)


def dataset_limits(settings: Settings) -> DatasetLimits:
    """Return the operator's limits on datasets."""
    return DatasetLimits(
        max_datasets=settings.max_datasets,
        max_samples=settings.max_dataset_samples,
        max_bytes=settings.max_dataset_bytes,
    )


def compose(settings: Settings) -> Services:
    """Build all services of a process, after migrating the database and checking the checkpoint store."""
    database = Database(settings.resolved_database_url)
    retry_while_unavailable(database.migrate)()  # the database may start after this process
    database.warn_if_shared()
    blobs = retry_while_unavailable(BlobStore)(settings.resolved_storage_url, settings.resolved_storage_options)
    return _compose(settings, database, blobs)


def compose_worker(settings: Settings) -> Services:
    """Build the services of a worker without waiting for anything: its heartbeats come first.

    The trainer has migrated the database and checked the checkpoint store. If the worker's link is cut inside a
    transaction, its locks end with its lease, so that they do not delay the trainer.
    """
    database = Database(settings.resolved_database_url, idle_s=min(settings.worker_timeout_s, IDLE_S))
    blobs = BlobStore(settings.resolved_storage_url, settings.resolved_storage_options, check=False)
    return _compose(settings, database, blobs)


def _compose(settings: Settings, database: Database, blobs: BlobStore) -> Services:
    checkpoints, datasets = CheckpointStore(database), DatasetStore(database, dataset_limits(settings))
    return Services(
        settings=settings,
        limits=config_limits(settings),
        database=database,
        blobs=blobs,
        trash=Trash(blobs),
        disks=Disks(
            database=database.reserve.folder,
            checkpoints=blobs.folder,
            data=settings.data_dir,
            min_free_bytes=settings.min_free_bytes,
        ),
        pairing=StorePairing(blobs, IdentityStore(database)),
        jobs=_jobs(settings, database),
        experiments=_experiments(settings, database),
        history=HistoryStore(database),
        steps=StepStore(database),
        events=EventStore(database),
        checkpoints=checkpoints,
        models=ModelStore(database),
        claims=ClaimStore(database),
        workers=WorkerStore(database),
        save_requests=SaveRequestStore(database),
        keys=KeyStore(database),
        weights=WeightStore(checkpoints, blobs),
        retention=RetentionStore(database),
        pruning=PruneStore(database),
        watches=WatchStore(database),
        snapshots=SnapshotStore(blobs),
        webhooks=WebhookStore(database, max_webhooks=settings.max_webhooks),
        outbox=OutboxStore(database),
        metrics=MetricsStore(database),
        trainers=TrainerStore(database),
        datasets=datasets,
        samples=SampleStore(database, datasets.limits),
        dataset_files=DatasetFiles(datasets, blobs),
        failure_counts=FailureCountStore(database, {"database": database, "storage": blobs}),
    )


def _jobs(settings: Settings, database: Database) -> JobStore:
    return JobStore(
        database,
        max_queued_jobs=settings.max_queued_jobs,
        max_of_one_key=settings.max_queued_jobs_per_key,
        capacity=Capacity(per_trainer=settings.max_running_jobs, in_all=settings.max_running_jobs_in_all),
    )


def _experiments(settings: Settings, database: Database) -> ExperimentStore:
    return ExperimentStore(
        database,
        max_jobs=settings.max_jobs_per_experiment,
        max_queued_jobs=settings.max_queued_experiment_jobs,
        max_of_one_key=settings.max_queued_experiment_jobs_per_key,
    )
