"""The instruction set of a run, from the processor's flags and the operator's limit; and the variables that count."""

import platform

import pytest

from service.training.worker.environment import instruction_set, numeric_variables

AVX512 = frozenset(
    {"sse4_1", "avx", "avx2", "avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni", "avx512_bf16"}
)


@pytest.mark.parametrize(
    ("flags", "variables", "expected"),
    [
        (AVX512, {}, "AVX512_CORE_BF16"),
        (AVX512 | {"amx_tile", "amx_int8", "amx_bf16"}, {}, "AVX512_CORE_AMX"),
        (AVX512, {"ONEDNN_MAX_CPU_ISA": "avx2"}, "AVX2"),
        (AVX512, {"DNNL_MAX_CPU_ISA": "AVX512_CORE"}, "AVX512_CORE"),
        (AVX512, {"ONEDNN_MAX_CPU_ISA": "DEFAULT"}, "AVX512_CORE_BF16"),
        ({"sse4_1", "avx", "avx2"}, {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_AMX"}, "AVX2"),
        ({"fp", "asimd"}, {}, "ASIMD"),
        (frozenset(), {}, platform.machine()),
    ],
)
def test_the_largest_allowed_instruction_set_counts(
    flags: frozenset[str], variables: dict[str, str], expected: str
) -> None:
    """The largest set that the processor has counts, up to the limit in oneDNN's variable."""
    assert instruction_set(frozenset(flags), variables) == expected


def test_variables_that_change_the_numbers_are_recorded_where_they_are_set() -> None:
    """Other variables are not recorded, nor are empty ones, which have no effect."""
    variables = {"XLA_FLAGS": "--xla_cpu_max_isa=AVX2", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_XLA_FLAGS": "", "HOME": "/a"}
    assert numeric_variables(variables) == {"XLA_FLAGS": "--xla_cpu_max_isa=AVX2", "TF_ENABLE_ONEDNN_OPTS": "0"}
    assert numeric_variables({"HOME": "/a"}) == {}
