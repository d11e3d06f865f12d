"""The data of the library's unit tests, for its slower ones."""

from tests.unit.naivenet.conftest import cache_dir, few, mnist

__all__ = ["cache_dir", "few", "mnist"]
