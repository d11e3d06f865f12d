"""Measures predictions of two API processes against those of one, and beside a photo that is read at the same time."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

import naivenet
from bench.server import naivenet as served
from bench.server import two_cores
from bench.serving_peers import Request, our_requests
from bench.serving_rounds import Results, Turns, ask

CONNECTIONS, PROCESSES = 16, 2
PHOTO_SIZE = (4000, 3000)  # 12 megapixels


def measure(found: Results, data_dir: str, turns: Turns) -> None:
    """Measure JSON by one process on one core, the same beside a photo, and by two processes on any core."""
    (core, other), form, image = two_cores(), our_requests()[1], photo()
    with served(data_dir, core=core, trainer=False) as one, served(data_dir, trainer=False, workers=PROCESSES) as two:
        for _ in range(turns.rounds):
            with two.halted():
                found.one_process.append(
                    ask(one.port, form, connections=CONNECTIONS, seconds=turns.seconds, core=other)
                )
                with ThreadPoolExecutor(1) as beside:
                    reading = beside.submit(ask, one.port, image, connections=1, seconds=2 * turns.seconds, core=other)
                    found.beside_photo.append(
                        ask(one.port, form, connections=CONNECTIONS, seconds=turns.seconds, core=other)
                    )
                    reading.result()
            with one.halted():
                found.two_processes.append(
                    ask(two.port, form, connections=CONNECTIONS, seconds=turns.seconds, core=None)
                )


def photo() -> Request:
    """Return a JPEG of 12 megapixels with a digit on paper, as a phone makes it."""
    digit = Image.fromarray(naivenet.datasets.load().x_test[0]).resize((1120, 1120), Image.Resampling.BICUBIC)
    paper = np.random.default_rng(1).normal(200, 6, PHOTO_SIZE[::-1])
    paper[900:2020, 1400:2520] -= np.asarray(digit) * 0.6
    stream = io.BytesIO()
    Image.fromarray(paper.clip(0, 255).astype(np.uint8)).convert("RGB").save(stream, "JPEG", quality=90)
    return Request(name="JPEG of 12 megapixels", path="/v1/predict", media_type="image/jpeg", body=stream.getvalue())
