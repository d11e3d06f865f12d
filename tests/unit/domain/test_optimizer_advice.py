"""The advice about optimizers."""

import naivenet
from service.domain.optimizer_advice import ADVICE


def test_there_is_advice_about_each_optimizer() -> None:
    """Each optimizer has a rate that it accepts and a sentence in both languages; the notebook's rule comes first."""
    assert set(naivenet.OPTIMIZERS) == set(ADVICE)
    assert next(iter(ADVICE)) == "naive"
    for name, advice in ADVICE.items():
        naivenet.get_optimizer(name, learning_rate=advice.learning_rate)
        assert advice.en.endswith(".")
        assert advice.es.endswith(".")
        assert advice.en != advice.es
