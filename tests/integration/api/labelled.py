"""A picture with a label, and how a test adds it to a dataset."""

import httpx2

from tests.servers import Json

#: A one, as the network takes it.
ROWS = [[255 if 4 <= y < 24 and 13 <= x < 16 else 0 for x in range(28)] for y in range(28)]


def added(client: httpx2.Client, path: str, **body: object) -> Json:
    """The answer to adding samples."""
    answer = client.post(f"{path}/samples", json=body)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found
