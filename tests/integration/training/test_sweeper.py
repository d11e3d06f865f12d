"""Files that no checkpoint speaks of go, after a while; all others stay."""

from service.composition import Services
from service.training.trainer.sweeper import Sweeper
from tests.stored import checkpoint


def sweeper(services: Services) -> Sweeper:
    """One that removes after 100 s."""
    return Sweeper(services.blobs, services.checkpoints, after_s=100)


def test_bytes_that_nobody_knows_are_removed(services: Services) -> None:
    """Also half a write, once they were unknown for long enough."""
    for name in ("ckpt_gone.safetensors", "ckpt_gone.state.safetensors", ".partial-x"):
        services.blobs.write(name, b"bytes")
    sweep = sweeper(services).sweep
    assert [sweep(now=now) for now in (0, 30, 60, 90)] == [[]] * 4
    assert len(sweep(now=120)) == 3
    assert services.blobs.names() == set()


def test_bytes_of_a_checkpoint_stay(services: Services) -> None:
    """However old they are."""
    known = checkpoint()
    services.blobs.write(known.weights_blob, b"bytes")
    services.checkpoints.add(known)
    sweep = sweeper(services).sweep
    assert [sweep(now=now) for now in (0, 60, 120, 1000)] == [[]] * 4


def test_bytes_whose_row_comes_later_stay(services: Services) -> None:
    """A checkpoint is bytes first, then a row."""
    late = checkpoint()
    services.blobs.write(late.weights_blob, b"bytes")
    sweep = sweeper(services).sweep
    sweep(now=0)
    services.checkpoints.add(late)
    assert sweep(now=1000) == []
    assert services.blobs.names() == {late.weights_blob}


def test_it_looks_no_more_often_than_it_needs(services: Services) -> None:
    """Bytes that came and went between two looks were never seen."""
    sweep = sweeper(services).sweep
    sweep(now=0)
    services.blobs.write("ckpt_x.safetensors", b"bytes")
    sweep(now=1)
    assert sweep(now=101) == []
