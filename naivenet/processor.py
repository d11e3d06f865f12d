"""The processor: what Linux says about it, its instruction set, and whether it computes in bfloat16."""

import contextlib
import os
import platform
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

#: Instruction sets by oneDNN's names, the largest first, with the flags of the processor that each needs.
INSTRUCTION_SETS: tuple[tuple[str, frozenset[str]], ...] = (
    ("AVX512_CORE_AMX", frozenset({"amx_tile", "amx_int8", "amx_bf16"})),
    ("AVX512_CORE_BF16", frozenset({"avx512f", "avx512_bf16"})),
    ("AVX512_CORE_VNNI", frozenset({"avx512f", "avx512_vnni"})),
    ("AVX512_CORE", frozenset({"avx512f", "avx512bw", "avx512vl", "avx512dq"})),
    ("AVX2_VNNI", frozenset({"avx2", "avx_vnni"})),
    ("AVX2", frozenset({"avx2"})),
    ("AVX", frozenset({"avx"})),
    ("SSE41", frozenset({"sse4_1"})),
    ("SVE", frozenset({"sve"})),
    ("ASIMD", frozenset({"asimd"})),
)

#: The variables by which an operator limits oneDNN to a smaller instruction set.
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")

_WITH_BFLOAT16 = {"AVX512_CORE_AMX", "AVX512_CORE_BF16"}


def instruction_set(flags: frozenset[str], variables: Mapping[str, str]) -> str:
    """Return the largest instruction set that the processor has and the variables allow; the machine's if unknown."""
    names = [name for name, needed in INSTRUCTION_SETS if needed <= flags]
    limit = next((variables[name].upper() for name in LIMITS if name in variables), None)
    order = [name for name, _ in INSTRUCTION_SETS]
    if limit in order:
        names = [name for name in names if order.index(name) >= order.index(limit)]
    return names[0] if names else platform.machine()


def has_bfloat16(instructions: str, variables: Mapping[str, str]) -> bool:
    """Return whether TensorFlow's matrix products use bfloat16 instructions.

    Args:
        instructions: An instruction set, `instruction_set`.
        variables: Environment variables. ``TF_ENABLE_ONEDNN_OPTS=0`` takes the kernels of oneDNN away.
    """
    return instructions in _WITH_BFLOAT16 and variables.get("TF_ENABLE_ONEDNN_OPTS") != "0"


def this_instruction_set() -> str:
    """Return the instruction set of this processor."""
    return instruction_set(processor_flags(), os.environ)


def computes_bfloat16() -> bool:
    """Return whether this processor computes matrix products in bfloat16, and so faster than in float32."""
    return has_bfloat16(this_instruction_set(), os.environ)


def processor_name() -> str:
    """Return the processor's name."""
    return _facts().get("model name") or platform.processor() or platform.machine()


def processor_flags() -> frozenset[str]:
    """Return the names of the processor's features; empty where Linux does not list them."""
    facts = _facts()
    return frozenset((facts.get("flags") or facts.get("Features") or "").split())


@lru_cache(maxsize=1)
def _facts() -> Mapping[str, str]:
    """Return the facts about the first processor; empty where Linux does not list them."""
    with contextlib.suppress(OSError):
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0]
        pairs = (line.partition(":") for line in first.splitlines())
        return {name.strip(): value.strip() for name, _, value in pairs}
    return {}
