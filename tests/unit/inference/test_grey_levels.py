"""Grey levels in the types and ranges that clients have: scaled where the range is plain, else refused by name."""

from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from service.errors import InvalidInput
from service.inference.limits import InputLimits
from service.inference.pictures.report import PrepareOptions
from service.inference.requests.body import read_body
from service.inference.requests.grey_levels import to_intensities
from service.inference.requests.tensors import read_nested

LEVELS = np.arange(784) % 256


@pytest.mark.parametrize(
    "array",
    [
        LEVELS, LEVELS.astype(np.uint8), LEVELS.astype(np.uint16), LEVELS.astype(np.float16), LEVELS * 1.0,
        LEVELS.astype(np.uint16) * 257, LEVELS / 255, (LEVELS / 255).astype(">f4"),
    ],
    ids=lambda array: f"{array.dtype} to {array.max():g}",
)  # fmt: skip
def test_plain_ranges_are_scaled(array: NDArray[Any]) -> None:
    """Bytes in any type, 16 bits that use their range, and fractions are the same levels from 0 to 1."""
    found = to_intensities(array)
    assert found.dtype == np.float32
    assert np.allclose(found, LEVELS / 255, atol=1e-3)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_zeros_and_ones_are_black_and_white(dtype: Any) -> None:
    """Of any type, as JSON has no other way to write 1.0."""
    assert to_intensities(np.eye(28, dtype=dtype)).max() == 1


def test_resized_images_overshoot_by_rounding_alone() -> None:
    """A float that rounding carries above 1 is 1; larger fractions up to 255 are divided."""
    assert to_intensities(np.array([0, 1.000001], np.float32)).max() == 1
    assert to_intensities(np.array([0, 101.5])).max() == np.float32(101.5 / 255)


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ([0.5, -0.5, 1], "pixel_minus_one_to_one", "send (x + 1) / 2); this is -0.5"),
        ([2.8, -0.42, 1], "pixel_standardized", "standardized: send them as they were before"),
        ([0.5, 1.5, 0], "pixel_out_of_range", "this is 1.5"),
        ([0.0, 2.0, 1], "pixel_out_of_range", "this is 2"),
        ([0, 300, 1], "pixel_out_of_range", "this is 300"),
        ([7, np.nan, 1], "pixel_not_finite", "finite; this is nan"),
        ([7, -1, 200], "pixel_out_of_range", "this is -1"),
        ([1e308, 1e308, 1e308], "pixel_out_of_range", "this is 1e+308"),
        ([7, np.inf, 1], "pixel_not_finite", "finite; this is inf"),
    ],
)
def test_other_ranges_are_refused_by_what_they_are(values: list[float], code: str, message: str) -> None:
    """The error names the cause, the first wrong number and its place, as a pointer or in the text."""
    with pytest.raises(InvalidInput) as caught:
        to_intensities(np.array([values]), "/pixels")
    assert caught.value.errors[0].code == code
    assert message in str(caught.value)
    with pytest.raises(InvalidInput, match=r" at \[0, [01]\]"):
        to_intensities(np.array([values]), None)


def test_12_bits_are_not_guessed() -> None:
    """Values of 16 bits that do not use their range may have 12 or 14 bits: they are refused."""
    with pytest.raises(InvalidInput, match="this is 4000"):
        to_intensities(np.array([0, 255, 4000], np.uint16))


@pytest.mark.parametrize("value", [1e308, 1 << 63, 1e39])
def test_nested_numbers_too_large_for_any_range_are_refused(limits: InputLimits, value: float) -> None:
    """Also where all numbers are, so that not one of them shows the range that is meant."""
    with pytest.raises(InvalidInput, match="Pixels must be"):
        read_nested([[value] * 784], limits)


def test_faint_integers_are_read_from_nested_lists_as_from_bytes(limits: InputLimits) -> None:
    """Whole numbers are from 0 to 255 also where the largest is below 64; as floats they may have any range."""
    faint = LEVELS // 6
    assert np.array_equal(read_nested([faint.tolist()], limits), [to_intensities(faint)])
    with pytest.raises(InvalidInput, match="this is 2"):
        read_nested([(faint * 1.0).tolist()], limits)


IMAGE = (LEVELS / 255).astype(np.float32)
SHAPES = [(28, 28), (784,), (28, 28, 1), (1, 28, 28), (784, 1), (1, 784), (1, 28, 28, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_json_takes_an_axis_of_1(limits: InputLimits, shape: tuple[int, ...]) -> None:
    """In front, behind or both: `pixels` and the tensors of the protocols are the same image."""
    nested = IMAGE.reshape(shape).tolist()
    batch = read_body(orjson.dumps({"pixels": nested}), "application/json", limits)
    assert np.allclose(batch.rows, [IMAGE])
    assert np.allclose(read_nested(nested, limits), [IMAGE])
    assert np.allclose(read_nested([nested, nested], limits), [IMAGE, IMAGE]) or shape[0] == 1


def test_a_pixel_behind_an_axis_of_1_is_named_with_its_place(limits: InputLimits) -> None:
    """The pointer counts the axis in front."""
    image = IMAGE.copy().reshape(1, 28, 28)
    image[0, 3, 14] = -7
    with pytest.raises(InvalidInput) as caught:
        read_body(orjson.dumps({"pixels": image.tolist()}), "application/json", limits)
    assert caught.value.errors[0].pointer == "/pixels/0/3/14"


def test_booleans_are_black_and_white(limits: InputLimits) -> None:
    """`mask.tolist()` of NumPy is read, if all values are booleans."""
    body = orjson.dumps({"pixels": np.eye(28, dtype=bool).tolist()})
    batch = read_body(body, "application/json", limits, PrepareOptions(prepare="never"))
    assert np.array_equal(batch.rows, np.eye(28).reshape(1, 784))
