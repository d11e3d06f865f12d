"""Augmentation: its geometry against OpenCV, and that it depends on the seed, the epoch and the place alone."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from naivenet import (
    Augmentation,
    MixPart,
    NaiveSequential,
    ParameterError,
    ShapeError,
    describe,
    fit,
    from_state,
    get_optimizer,
    load_weights,
    to_state,
    train,
)
from naivenet.engine import blocks
from naivenet.engine.augmented import Maps, augmented, mapped, maps_of
from tests.unit.naivenet.runs import NETWORK, built, weight_bytes

Samples = tuple[np.ndarray, np.ndarray]
NONE = {"shift": 0, "rotation": 0, "scale": 0, "slant": 0, "thickness": 0, "elastic": 0}
STILL = np.zeros((2, 1, 1, 1), np.float32)
CHANGES = ("right", "down", "angle", "width", "height", "slant", "thickness")
MIDDLE = 13.5
AUGMENT = Augmentation(shift=3, rotation=20)


def only(**limits: float) -> Augmentation:
    """Return an augmentation that changes nothing else."""
    return Augmentation(**(NONE | limits))


def changed(images: np.ndarray, augmentation: Augmentation, **draws: float) -> np.ndarray:
    """Return images changed by these shares of the limits. Shapes: (samples, 28, 28)."""
    shares = {name: np.array([draws.get(name, 0)], np.float32) for name in CHANGES}
    return mapped(images, maps_of(augmentation, shares, STILL, side=28), 0)


def by_opencv(images: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Return images that OpenCV moves by a matrix of points (x, y) from the middle. Shapes: forward: (2, 3)."""
    to_middle, back = np.eye(3), np.eye(3)
    to_middle[:2, 2], back[:2, 2] = -MIDDLE, MIDDLE
    matrix = (back @ np.vstack([forward, [0, 0, 1]]) @ to_middle)[:2]
    return np.array([cv2.warpAffine(each, matrix, (28, 28), flags=cv2.INTER_LINEAR) for each in images])


@pytest.fixture(scope="module")
def digits(mnist: Any) -> np.ndarray:
    """Twenty digits, (20, 28, 28)."""
    return np.array(mnist.x_train[:20])


def test_a_map_interpolates_as_opencv_does(digits: np.ndarray) -> None:
    """At any sixteenths of a pixel, also outside of the image, the pixels are those of OpenCV's remap within 1."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 29 * 16, (2, 1, 28, 28), dtype=np.int32)
    ours = mapped(digits, Maps(x=x, y=y, growth=np.zeros(1, np.int32)), 0)
    places = [(each[0] / 16 - 1).astype(np.float32) for each in (x, y)]
    theirs = np.array([cv2.remap(each, *places, cv2.INTER_LINEAR, borderValue=0) for each in digits])
    assert np.abs(ours.astype(int) - theirs).max() <= 1


@pytest.mark.parametrize(
    ("augmentation", "draws", "forward"),
    [
        (only(shift=3), {"right": 1, "down": -1}, [[1, 0, 3], [0, 1, -3]]),
        (only(rotation=30), {"angle": 1}, [[0.75**0.5, -0.5, 0], [0.5, 0.75**0.5, 0]]),
        (only(scale=0.25), {"width": 1, "height": -1}, [[1.25, 0, 0], [0, 0.75, 0]]),
        (only(slant=0.5), {"slant": 1}, [[1, -0.5, 0], [0, 1, 0]]),
    ],
    ids=["shift", "rotation", "scale", "slant"],
)
def test_each_change_is_that_of_opencv(
    digits: np.ndarray, augmentation: Augmentation, draws: dict[str, float], forward: Any
) -> None:
    """Right and down, clockwise, wider and flatter, and leaning to the right: as a matrix, by OpenCV, does it."""
    difference = changed(digits, augmentation, **draws).astype(int) - by_opencv(digits, np.array(forward))
    assert np.abs(difference).mean() < 1  # coordinates are rounded to sixteenths
    assert np.abs(difference).max() <= 255 / 8


def test_all_changes_together_are_one_matrix(digits: np.ndarray) -> None:
    """The slant comes first, then the scale, the rotation and the shift."""
    c, s = np.cos(np.radians(20)), np.sin(np.radians(20))
    slant, scale, turn = np.array([[1, -0.3], [0, 1]]), np.diag([1.2, 0.8]), np.array([[c, -s], [s, c]])
    forward = np.column_stack([turn @ scale @ slant, [2, -2]])
    augmentation = only(shift=2, rotation=20, scale=0.2, slant=0.3)
    ours = changed(digits, augmentation, right=1, down=-1, angle=1, width=1, height=-1, slant=1)
    assert np.abs(ours.astype(int) - by_opencv(digits, forward)).mean() < 1


@pytest.mark.parametrize(("share", "by_hand"), [(1, cv2.dilate), (-1, cv2.erode)], ids=["thicker", "thinner"])
def test_thickness_is_dilation_or_erosion(digits: np.ndarray, share: int, by_hand: Callable[..., Any]) -> None:
    """At a whole pixel strokes are those of OpenCV's cross-shaped kernel; at half a pixel they lie half-way."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    expected = np.array([by_hand(each, cross, borderType=cv2.BORDER_CONSTANT, borderValue=0) for each in digits])
    np.testing.assert_array_equal(changed(digits, only(thickness=1), thickness=share), expected)
    half = changed(digits, only(thickness=0.5), thickness=share)
    assert np.abs(half - (digits.astype(float) + expected) / 2).max() <= 1


def test_a_displacement_is_added_in_pixels(digits: np.ndarray) -> None:
    """A displacement by one pixel everywhere, at *elastic* 2, is a shift by two."""
    shares = {name: np.zeros(1, np.float32) for name in CHANGES}
    ones = np.ones((2, 1, 28, 28), np.float32)
    ours = mapped(digits, maps_of(only(elastic=2), shares, ones, side=28), 0)
    np.testing.assert_array_equal(ours[:, :-2, :-2], digits[:, 2:, 2:])


def test_nothing_changes_at_limits_of_zero(digits: np.ndarray) -> None:
    """Without any change the pixels stay, byte for byte."""
    np.testing.assert_array_equal(augmented(digits, only(), np.random.default_rng(0)), digits)


def test_changes_are_spread_evenly_between_the_limits() -> None:
    """Single pixels that are shifted by up to 4 move by many distances: by 0 on average, nearly 4 at most."""
    images = np.zeros((4096, 28, 28), np.uint8)
    images[:, 13, 13] = 255
    moved = augmented(images, only(shift=4), np.random.default_rng(0)).astype(float)
    columns = (moved.sum(axis=1) * np.arange(28)).sum(axis=1) / moved.sum(axis=(1, 2)) - 13
    assert abs(columns.mean()) < 1
    assert 3.3 < np.abs(columns).max() <= 4.1
    assert len(np.unique(columns.round(3))) > 20


def test_the_description_has_a_range_for_a_form() -> None:
    """Each limit is a number of at least 0."""
    assert [(each.name, each.minimum) for each in describe(Augmentation)] == [(name, 0) for name in NONE]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"shift": -1}, "Augmentation.shift must be at least 0"),
        ({"scale": 1}, "Augmentation.scale must be at most 0.9"),
        ({"rotation": "far"}, "Augmentation.rotation must be float"),
    ],
    ids=["shift", "scale", "rotation"],
)
def test_limits_out_of_range_are_refused(limits: Any, message: str) -> None:
    """A limit below zero, or one that leaves nothing of an image, is refused."""
    with pytest.raises(ParameterError, match=message):
        Augmentation(**limits)


def test_a_run_depends_on_its_seed(small: Samples) -> None:
    """Two runs with one seed have the same losses; another seed, or no augmentation, has others."""
    runs = [{"augment": AUGMENT}, {"augment": AUGMENT}, {"augment": AUGMENT, "seed": 1}, {}]
    losses = [fit(built(), *small, 2, **options).losses.tobytes() for options in runs]
    assert losses[0] == losses[1]
    assert len(set(losses)) == 3


def test_every_epoch_has_other_images(small: Samples) -> None:
    """The images of two epochs differ, those of one epoch do not, and the labels stay with their images."""
    run = train(built(), *small, epochs=2, augment=only(shift=0.5, slant=0.1), shuffle=True, seed=5)
    (first, labels), (again, _), (second, _) = run.samples(0), run.samples(0), run.samples(1)
    assert first.tobytes() == again.tobytes() != second.tobytes()
    still = train(built(), *small, epochs=2, augment=only(), shuffle=True, seed=5).samples(0)
    np.testing.assert_array_equal(labels, still[1])
    nearest = [((still[0].astype(float) - each) ** 2).sum(axis=1).argmin() for each in first[:50]]
    assert np.mean(nearest == np.arange(50)) > 0.9


@pytest.mark.parametrize("execution", ["graph", "xla"])
def test_a_resumed_run_ends_the_same(few: Samples, monkeypatch: pytest.MonkeyPatch, execution: str) -> None:
    """A run that stops within a block of augmented images, and resumes with other chunks, ends with the same bytes."""
    monkeypatch.setattr(blocks, "_IMAGES", 400)  # 1,000 images are several blocks, and the last one is short
    choices: dict[str, Any] = {"epochs": 2, "batch_size": 96, "shuffle": True, "seed": 3, "augment": AUGMENT}
    choices |= {"execution": execution, "optimizer": get_optimizer("adam")}
    whole, model, again = built(), built(), built()
    list(train(whole, *few, **choices))
    run = train(model, *few, **choices, chunk_steps=3)
    position = next(iter(run)).position  # after three of the block's four batches
    slots, start = from_state(to_state(run.updater.slots(), position))
    load_weights(again, model.numpy())
    list(train(again, *few, **choices, start=start, slots=slots, chunk_steps=1))
    assert weight_bytes(again) == weight_bytes(whole)


def test_the_loop_as_it_reads_augments_too(few: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """With several blocks and a shorter last batch, both loops give the same losses and weights bit for bit."""
    monkeypatch.setattr(blocks, "_IMAGES", 400)
    results = []
    for compiled in (True, False):
        model = built()
        history = fit(model, *few, 2, 96, augment=AUGMENT, shuffle=True, seed=4, compiled=compiled)
        results.append((history.losses.tobytes(), weight_bytes(model)))
    assert results[0] == results[1]


def test_a_mix_is_augmented_too(small: Samples) -> None:
    """An epoch that shows an image ten times changes the copies in different ways, and both loops agree."""
    mix = [MixPart(samples=299), MixPart(samples=1, weight=10)]
    images, _ = train(built(), *small, epochs=1, augment=AUGMENT, mix=mix).samples(0)
    assert 299 + 4 < len(np.unique(images, axis=0)) <= 309  # a few may share a map
    losses = [fit(built(), *small, 1, augment=AUGMENT, mix=mix, compiled=compiled).losses for compiled in (True, False)]
    np.testing.assert_array_equal(*losses)


def test_code_of_ones_own_is_augmented_too(small: Samples) -> None:
    """A model of one's own that takes pictures sees the same ones, compiled or not."""

    class Flattening:
        def __init__(self) -> None:
            self.inner: NaiveSequential = built()
            self.weights = self.inner.weights

        def __call__(self, inputs: Any) -> Any:
            return self.inner(inputs[:, :, :, 0].numpy().reshape(-1, 784) if hasattr(inputs, "numpy") else inputs)

    squares = small[0].reshape(-1, 28, 28, 1), small[1]
    with pytest.warns(UserWarning, match="cannot be compiled"):
        losses = fit(Flattening(), *squares, 1, augment=AUGMENT).losses
    np.testing.assert_array_equal(losses, fit(built(), *small, 1, augment=AUGMENT, compiled=False).losses)


@pytest.mark.parametrize(
    ("images", "augment", "error", "message"),
    [
        (np.zeros((5, 784), "f4") - 1, AUGMENT, ParameterError, "floats from 0 to 1, but these are from -1 to -1"),
        (np.zeros((5, 784), "f4"), "rotation", ParameterError, "augment must be an Augmentation, .*not 'rotation'"),
        (np.zeros((5, 783), "f4"), AUGMENT, ShapeError, r"square images .*, not \(783,\)"),
    ],
    ids=["normalized", "no augmentation", "no square"],
)
def test_what_cannot_be_augmented_is_refused(images: Any, augment: Any, error: type[Exception], message: str) -> None:
    """The error says what augmentation needs, before the first step."""
    model = NETWORK.build(images.shape[1], seed=1)
    with pytest.raises(error, match=message):
        train(model, images, [1] * 5, epochs=1, augment=augment)
