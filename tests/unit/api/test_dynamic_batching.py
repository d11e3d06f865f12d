"""Images of requests that arrive at the same time pass through the network together."""

import asyncio
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from service.api.live.dynamic_batching import LEAST_BATCHED, DynamicBatching
from service.inference.answers.predictor import Prediction, Predictor
from service.inference.requests.batch import Batch

Floats = NDArray[np.float32]
MANY = LEAST_BATCHED + 2


class Network:
    """A network of one layer, which keeps how many rows each pass had."""

    def __init__(self, seed: int = 0) -> None:
        self.passes: list[int] = []
        self._weights = np.random.default_rng(seed).normal(size=(784, 10)).astype(np.float32)

    def __call__(self, rows: Floats) -> Floats:
        """Return the outputs; a black picture is a fault."""
        self.passes.append(len(rows))
        if not rows.any(axis=1).all():
            raise ZeroDivisionError
        return rows @ self._weights


@pytest.fixture
def digits() -> list[Batch]:
    """Pictures of as many requests."""
    noise = np.random.default_rng(0).integers(0, 256, (MANY, 784), np.uint8)
    return [Batch([each], many=False) for each in noise]


async def in_a_round(batching: DynamicBatching, predictor: Predictor, digits: list[Batch]) -> list[Any]:
    """Return the predictions of requests that arrive at the same time, or what they raise."""
    asked = [batching.predict(predictor, each, top_k=3) for each in digits]
    return await asyncio.gather(*asked, return_exceptions=True)


async def busy(predictor: Predictor, digits: list[Batch]) -> DynamicBatching:
    """Return predictions after a round with many."""
    batching = DynamicBatching()
    await in_a_round(batching, predictor, digits)
    return batching


def test_only_many_at_once_wait_for_each_other(digits: list[Batch]) -> None:
    """After a round with many, those of the next pass together; a lone one is predicted where it is read."""
    network = Network()
    predictor = Predictor(model=network)

    async def rounds() -> None:
        batching = await busy(predictor, digits)
        for asked in (digits, digits, digits[:1], digits[:1]):
            await in_a_round(batching, predictor, asked)

    asyncio.run(rounds())
    assert network.passes == [1] * MANY + [MANY] * 2 + [1] * 2


def test_each_request_has_the_answer_of_its_network_and_as_many_classes_as_it_asks_for(digits: list[Batch]) -> None:
    """Together, requests have the answers that they have alone."""
    predictors = [Predictor(model=Network(seed)) for seed in (1, 2)]
    asked = [(predictors[number % 2], each, number % 3 + 1) for number, each in enumerate(digits)]

    async def together() -> list[list[Prediction]]:
        batching = await busy(predictors[0], digits)
        return await asyncio.gather(*(batching.predict(network, each, top_k=top_k) for network, each, top_k in asked))

    for (found,), (network, each, top_k) in zip(asyncio.run(together()), asked, strict=True):
        (alone,) = network.predict(Batch(each.instances, many=False), top_k=top_k)
        assert [digit for digit, _ in found.top_k] == [digit for digit, _ in alone.top_k]
        assert found.probabilities == pytest.approx(alone.probabilities, abs=1e-6)


def test_a_request_that_ends_early_is_left_out(digits: list[Batch]) -> None:
    """The others have their answers."""
    network = Network()

    async def one_cancelled() -> list[Any]:
        batching = await busy(Predictor(model=network), digits)
        first, *others = [
            asyncio.ensure_future(batching.predict(Predictor(model=network), each, top_k=3)) for each in digits
        ]
        await asyncio.sleep(0)
        first.cancel()
        return await asyncio.gather(*others)

    assert len(asyncio.run(one_cancelled())) == MANY - 1
    assert network.passes[-1] == MANY - 1


def test_an_image_at_fault_fails_only_its_own_request(digits: list[Batch]) -> None:
    """The others of its round are predicted, each alone, and the next round together again."""
    network = Network()
    predictor = Predictor(model=network)
    black = Batch([np.zeros(784, np.uint8)], many=False)

    async def one_at_fault() -> list[Any]:
        batching = await busy(predictor, digits)
        found = await in_a_round(batching, predictor, [*digits, black])
        await in_a_round(batching, predictor, digits)
        return found

    *others, failed = asyncio.run(one_at_fault())
    assert type(failed) is ZeroDivisionError
    assert [len(each) for each in others] == [1] * MANY
    assert network.passes == [1] * MANY + [MANY + 1] + [1] * (MANY + 1) + [MANY]
