"""The size of the cluster that runs a trainer's jobs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClusterSize:
    """A cluster at one moment; all numbers are 0 while it is away.

    Attributes:
        nodes: The number of living nodes.
        cpus: The logical processors of all nodes.
        used_cpus: How many of them jobs use.
        gpus: The GPUs of all nodes.
        used_gpus: How many of them jobs use; several jobs may share one.
        slots: How many jobs the cluster can run at the same time.
        pending_jobs: The jobs that the trainer has submitted, and whose worker has not begun.
    """

    nodes: int = 0
    cpus: float = 0.0
    used_cpus: float = 0.0
    gpus: float = 0.0
    used_gpus: float = 0.0
    slots: int = 0
    pending_jobs: int = 0
