"""A worker's signs of life."""

from service.composition import Services
from service.training.heartbeat import Heartbeat
from tests.attempts import claim_next, queue
from tests.servers import until


def test_a_worker_is_heard_as_soon_as_it_starts(tiny_services: Services) -> None:
    """Not only after a first interval: where all is slow, the silence in which it counts as lost has begun already."""
    queue(tiny_services)
    claim = claim_next(tiny_services)
    claimed = tiny_services.claims.heartbeats()
    heart = Heartbeat(tiny_services, claim, interval_s=3600)
    heart.start()
    until(lambda: tiny_services.claims.heartbeats() != claimed, what="a sign of life")
    heart.stop()
    heart.join()
