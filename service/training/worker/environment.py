"""What the last bits of a run depend on beside its configuration: processor, instruction set, versions, variables."""

import importlib.metadata
import os
from collections.abc import Mapping

import numpy as np

from naivenet.processor import LIMITS, processor_name, this_instruction_set
from service.domain.job import Environment

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

    gpus = [tf.config.experimental.get_device_details(each) for each in tf.config.list_physical_devices("GPU")]
    names = [str(gpu.get("device_name", "GPU")) for gpu in gpus]
    versions = {"naivenet": importlib.metadata.version("naivenet"), "tensorflow": tf.__version__}
    return Environment(
        processor=", ".join([processor_name(), *names]),
        instruction_set=this_instruction_set(),
        versions=versions | {"numpy": np.__version__},
        variables=numeric_variables(os.environ),
        device="gpu" if gpus else "cpu",
    )


def numeric_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return those of the variables that change the numbers and are set."""
    return {name: variables[name] for name in VARIABLES if variables.get(name)}
