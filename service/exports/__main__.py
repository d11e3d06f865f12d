"""A program: a checkpoint as safetensors on its standard input, the same network in another format on its output.

It is a process of its own, so that the API needs no TensorFlow, and gives its memory back by ending.
"""

import importlib
import os
import sys

import naivenet
from service.exports.exporter import MISSING
from service.operations.quiet import quiet_stderr

#: Which module writes a format, by its function ``write``.
WRITERS = {
    "keras": "service.exports.keras_file",
    "onnx": "service.exports.onnx_file",
    "savedmodel": "service.exports.saved_model",
}

NICE = 10


def main() -> None:
    """Write the format that the first argument names."""
    form = sys.argv[1]
    if hasattr(os, "nice"):
        os.nice(NICE)
    model = naivenet.from_safetensors(sys.stdin.buffer.read())
    try:
        with quiet_stderr():
            writer = importlib.import_module(WRITERS[form])
            data: bytes = writer.write(model)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"To write {form}, this service needs the package {error.name!r}, which is not installed.")
        raise SystemExit(MISSING) from None
    sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main()
