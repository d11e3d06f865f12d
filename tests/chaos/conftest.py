"""What tests of outages share: a checkpoint store that can fail."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.object_store import FaultyProxy, ObjectStore, faulty_proxy
from tests.servers import Json


@pytest.fixture
def proxied(object_store: ObjectStore, tmp_path: Path) -> Iterator[tuple[Json, type[FaultyProxy]]]:
    """The settings of a store of the test's own behind a proxy that can fail, and the proxy."""
    with faulty_proxy(object_store) as (address, proxy):
        options = {**object_store.options(), "endpoint_url": address}
        yield {"storage_url": object_store.url(tmp_path.name), "storage_options": json.dumps(options)}, proxy
