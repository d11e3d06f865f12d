"""Files that belong to no checkpoint are removed after a while; all others stay."""

from service.composition import Services
from service.training.trainer.sweeper import Sweeper
from tests.stored import checkpoint


def sweeper(services: Services) -> Sweeper:
    """Build a sweeper that removes files which have been unknown for 100 s."""
    return Sweeper(services.blobs, services.checkpoints, after_s=100)


def test_files_without_a_checkpoint_are_removed(services: Services) -> None:
    """Once they have been unknown for long enough; a partly written file too."""
    for name in ("ckpt_gone.safetensors", "ckpt_gone.state.safetensors", ".partial-x"):
        services.blobs.write(name, b"bytes")
    sweep = sweeper(services).sweep
    assert [sweep(now=now) for now in (0, 30, 60, 90)] == [[]] * 4
    assert len(sweep(now=120)) == 3
    assert services.blobs.names() == set()


def test_files_of_a_checkpoint_stay(services: Services) -> None:
    """Their age does not matter."""
    known = checkpoint()
    services.blobs.write(known.weights_blob, b"bytes")
    services.checkpoints.add(known)
    sweep = sweeper(services).sweep
    assert [sweep(now=now) for now in (0, 60, 120, 1000)] == [[]] * 4


def test_a_file_whose_row_is_added_later_stays(services: Services) -> None:
    """A worker writes the bytes of a checkpoint first and adds its row later."""
    late = checkpoint()
    services.blobs.write(late.weights_blob, b"bytes")
    sweep = sweeper(services).sweep
    sweep(now=0)
    services.checkpoints.add(late)
    assert sweep(now=1000) == []
    assert services.blobs.names() == {late.weights_blob}


def test_it_sweeps_no_more_often_than_needed(services: Services) -> None:
    """A file that is written between two sweeps is unknown only from the second one on."""
    sweep = sweeper(services).sweep
    sweep(now=0)
    services.blobs.write("ckpt_x.safetensors", b"bytes")
    sweep(now=1)
    assert sweep(now=101) == []
