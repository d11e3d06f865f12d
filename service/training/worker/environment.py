"""What the last bits of a run depend on beside its configuration: processor, instruction set, versions, variables."""

import contextlib
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from service.domain.job import Environment

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

#: All variables that change the numbers: how XLA compiles, whether oneDNN computes, and with which precision.
VARIABLES = (
    *LIMITS,
    "DNNL_DEFAULT_FPMATH_MODE",
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


def this_environment() -> Environment:
    """Return the environment of this process, which has imported TensorFlow."""
    import tensorflow as tf  # noqa: PLC0415  # only workers import it

    about = _about_processor()
    gpus = [tf.config.experimental.get_device_details(each) for each in tf.config.list_physical_devices("GPU")]
    names = [str(gpu.get("device_name", "GPU")) for gpu in gpus]
    processor = about.get("model name") or platform.processor() or platform.machine()
    flags = frozenset((about.get("flags") or about.get("Features") or "").split())
    versions = {"naivenet": importlib.metadata.version("naivenet"), "tensorflow": tf.__version__}
    return Environment(
        processor=", ".join([processor, *names]),
        instruction_set=instruction_set(flags, os.environ),
        versions=versions | {"numpy": np.__version__},
        variables=numeric_variables(os.environ),
    )


def numeric_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return those of the variables that change the numbers and are set."""
    return {name: variables[name] for name in VARIABLES if variables.get(name)}


def instruction_set(flags: frozenset[str], variables: Mapping[str, str]) -> str:
    """Return the largest instruction set that the processor has and the variables allow; the machine's if unknown."""
    names = [name for name, needed in INSTRUCTION_SETS if needed <= flags]
    limit = next((variables[name].upper() for name in LIMITS if name in variables), None)
    order = [name for name, _ in INSTRUCTION_SETS]
    if limit in order:
        names = [name for name in names if order.index(name) >= order.index(limit)]
    return names[0] if names else platform.machine()


def _about_processor() -> dict[str, str]:
    """Return the facts about the first processor; empty where Linux does not list them."""
    with contextlib.suppress(OSError):
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0]
        pairs = (line.partition(":") for line in first.splitlines())
        return {name.strip(): value.strip() for name, _, value in pairs}
    return {}
