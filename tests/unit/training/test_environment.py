"""The instruction set of a run, from the processor's flags and the operator's limit."""

import platform

import pytest

from service.training.worker.environment import instruction_set

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
