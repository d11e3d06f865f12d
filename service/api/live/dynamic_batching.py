"""Dynamic batching: predicts images of requests that arrive at the same time by one pass through the network."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from service.inference.answers.predictor import Prediction, Predictor
from service.inference.requests.batch import Batch, prepare_together

#: With fewer images in a round of the event loop, a pass for each of them is as quick.
LEAST_BATCHED = 4

Waiting = tuple[Batch, asyncio.Future[list[Prediction]]]


class DynamicBatching:
    """Predictions of requests with one image each.

    A round of the event loop reads a request of each client. After a round with few requests, each image is predicted
    at once: waiting gains nothing. After a round with many, the images of a round wait for its end, and pass through
    the network together, which reads its weights once for all of them.
    """

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[Predictor, int], list[Waiting]] = defaultdict(list)
        self._in_round = 0
        self._batches = False

    async def predict(self, predictor: Predictor, batch: Batch, *, top_k: int) -> list[Prediction]:
        """Predict a batch of one digit, without options."""
        loop = asyncio.get_running_loop()
        if not self._in_round:
            loop.call_soon(self._end_round)  # after all requests that were read in this round
        self._in_round += 1
        if not self._batches:
            return predictor.predict(batch, top_k=top_k)
        future: asyncio.Future[list[Prediction]] = loop.create_future()
        self._waiting[predictor, top_k].append((batch, future))
        return await future

    def _end_round(self) -> None:
        waiting = self._waiting
        self._waiting = defaultdict(list)
        self._batches, self._in_round = self._in_round >= LEAST_BATCHED, 0
        for (predictor, top_k), group in waiting.items():
            if asked := [each for each in group if not each[1].done()]:
                _answer(predictor, top_k, asked)


def _answer(predictor: Predictor, top_k: int, group: Sequence[Waiting]) -> None:
    """Predict images together; if that fails, each alone, so that a failure is that of its own request."""
    try:
        found = predictor.predict(prepare_together([batch for batch, _ in group]), top_k=top_k)
    except Exception as error:  # noqa: BLE001  # the request answers it
        if len(group) == 1:
            group[0][1].set_exception(error)
        else:
            for each in group:
                _answer(predictor, top_k, [each])
        return
    for (_, future), prediction in zip(group, found, strict=True):
        future.set_result([prediction])
