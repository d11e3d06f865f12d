"""The heartbeat of a worker."""

from service.composition import Services
from service.training.heartbeat import Heartbeat
from tests.attempts import claim_next, queue
from tests.servers import until


def test_the_first_heartbeat_is_sent_at_once(services: Services) -> None:
    """The timeout of a worker runs from the claim on, so the first heartbeat waits for no interval."""
    queue(services)
    claim = claim_next(services)
    claimed = services.claims.leases()
    heartbeat = Heartbeat(services, claim, interval_s=3600)
    heartbeat.start()
    until(lambda: services.claims.leases() != claimed, what="a heartbeat")
    heartbeat.stop()
    heartbeat.join()
