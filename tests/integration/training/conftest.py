"""Services with the tiny dataset, for attempts at jobs."""

import shutil
from pathlib import Path

import pytest

from service.composition import Services


@pytest.fixture
def tiny_services(services: Services, tiny: Path) -> Services:
    """All that a process works with, and the dataset ``tiny``."""
    shutil.copytree(tiny, services.settings.resolved_datasets_dir, dirs_exist_ok=True)
    return services
