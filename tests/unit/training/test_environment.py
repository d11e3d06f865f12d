"""The environment of a run: the variables that count."""

from service.training.worker.environment import numeric_variables


def test_variables_that_change_the_numbers_are_recorded_where_they_are_set() -> None:
    """Other variables are not recorded, nor are empty ones, which have no effect."""
    variables = {"XLA_FLAGS": "--xla_cpu_max_isa=AVX2", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_XLA_FLAGS": "", "HOME": "/a"}
    assert numeric_variables(variables) == {"XLA_FLAGS": "--xla_cpu_max_isa=AVX2", "TF_ENABLE_ONEDNN_OPTS": "0"}
    assert numeric_variables({"HOME": "/a"}) == {}
