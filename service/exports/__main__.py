"""The export program: reads a checkpoint as safetensors from standard input, and writes it in another format.

It is a process of its own, so that the API need not import TensorFlow, and its memory is freed when it ends.
"""

import importlib
import os
import sys

import naivenet
from service.exports.exporter import MISSING_PACKAGE_STATUS
from service.operations.quiet import quiet_stderr

#: The module with the function ``write`` of each format.
WRITERS = {
    "npz": "service.exports.npz_file",
    "keras": "service.exports.keras_file",
    "onnx": "service.exports.onnx_file",
    "savedmodel": "service.exports.saved_model",
}

#: The formats whose files name the checkpoint.
NAMING_FORMATS = frozenset({"onnx"})

NICE = 10


def main() -> None:
    """Write the checkpoint, whose id is the second argument, to standard output in the format that the first names."""
    form, checkpoint_id = sys.argv[1:]
    options = {"checkpoint_id": checkpoint_id} if form in NAMING_FORMATS else {}
    if hasattr(os, "nice"):
        os.nice(NICE)
    model = naivenet.from_safetensors(sys.stdin.buffer.read())
    try:
        with quiet_stderr():
            writer = importlib.import_module(WRITERS[form])
            data: bytes = writer.write(model, **options)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"The export to {form} needs the package {error.name!r}; install it beside this service.")
        raise SystemExit(MISSING_PACKAGE_STATUS) from None
    sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main()
