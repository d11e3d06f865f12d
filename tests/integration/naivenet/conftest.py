"""The fixtures of the unit tests, for these slower tests."""

from tests.unit.naivenet.conftest import cache_dir, few, mnist

__all__ = ["cache_dir", "few", "mnist"]
