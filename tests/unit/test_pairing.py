"""Which databases and checkpoint stores belong together."""

import pytest

from service.storage.pairing import Facts, mismatch
from service.store.operations.identity import Identity

OURS = Identity(id="store_1", confirmed=True)
UNCONFIRMED = Identity(id="store_1", confirmed=False)
KNOWN, FILES = frozenset({"ckpt_1", "ckpt_2"}), frozenset({"ckpt_1.safetensors", "ckpt_9.safetensors"})


@pytest.mark.parametrize(
    "facts",
    [
        Facts(recorded=OURS, stored="store_1"),
        Facts(recorded=None, stored=None),
        Facts(recorded=None, stored=None, known=KNOWN, names=FILES),
        Facts(recorded=None, stored=None, known=frozenset({"ds_1"}), names=frozenset({"ds_1.npz"})),
        Facts(recorded=UNCONFIRMED, stored=None),
        Facts(recorded=UNCONFIRMED, stored="store_1"),
    ],
    ids=[
        "same",
        "both new",
        "older installation",
        "a dataset",
        "crash before the store",
        "crash before the confirmation",
    ],
)
def test_these_belong_together(facts: Facts) -> None:
    """Both have the same id, or neither has a complete one and nothing speaks against the pair."""
    assert mismatch(facts) is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (Facts(recorded=OURS, stored="store_2"), "another database: store_2 is not store_1"),
        (Facts(recorded=OURS, stored=None), "does not carry the database's id"),
        (Facts(recorded=None, stored="store_2"), "which has no id"),
        (Facts(recorded=UNCONFIRMED, stored="store_2"), "another database"),
        (Facts(recorded=None, stored=None, known=KNOWN), "None of the database's 2 checkpoints"),
        (Facts(recorded=None, stored=None, known=KNOWN, names=frozenset({"ckpt_3.safetensors"})), "None of the"),
        (Facts(recorded=None, stored=None, names=FILES), "the database knows no checkpoint"),
    ],
    ids=["differ", "store without", "database without", "differ early", "empty store", "other files", "empty database"],
)
def test_these_do_not(facts: Facts, why: str) -> None:
    """They carry different ids, one of them has none, or the store does not have the checkpoints of the database."""
    assert why in (mismatch(facts) or "")
