"""The instruction set of a processor, from its flags and the operator's limit; and which sets have bfloat16."""

import platform

import pytest

from naivenet.processor import has_bfloat16, instruction_set

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


@pytest.mark.parametrize(
    ("instructions", "variables", "expected"),
    [
        ("AVX512_CORE_AMX", {}, True),
        ("AVX512_CORE_BF16", {"TF_ENABLE_ONEDNN_OPTS": "1"}, True),
        ("AVX512_CORE_BF16", {"TF_ENABLE_ONEDNN_OPTS": "0"}, False),
        ("AVX512_CORE_VNNI", {}, False),
        ("AVX2", {}, False),
        ("arm64", {}, False),
    ],
)
def test_bfloat16_needs_its_instructions_and_onednn(
    instructions: str, variables: dict[str, str], *, expected: bool
) -> None:
    """Without the instructions, or without the kernels that use them, a product in bfloat16 is no faster."""
    assert has_bfloat16(instructions, variables) is expected
