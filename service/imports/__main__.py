"""The import program: reads weights in another format from standard input, and writes them as safetensors.

It is a process of its own, so that the API imports no parser of HDF5 or ONNX, and survives one that crashes.
"""

import importlib
import sys
from contextlib import suppress

from naivenet.errors import CheckpointError
from service.storage.foreign_weights import REFUSED_STATUS

#: The module with the function ``read`` of each format, and what to do without its package.
READERS = {
    "keras": "service.imports.keras_file",
    "hdf5": "service.imports.hdf5_file",
    "onnx": "service.imports.onnx_file",
}

#: The most memory that reading may take, in bytes.
MAX_MEMORY = 4 << 30


def main() -> None:
    """Read the weights, in the format that the first argument names, and write them to standard output."""
    form = sys.argv[1]
    _limit_memory()
    try:
        written: bytes = importlib.import_module(READERS[form]).read(sys.stdin.buffer.read())
    except ModuleNotFoundError as error:
        _refuse(f"reading it needs the package {error.name!r}, which this service lacks; send safetensors or npz")
    except CheckpointError as error:
        _refuse(str(error))
    sys.stdout.buffer.write(written)


def _refuse(reason: str) -> None:
    sys.stderr.write(reason)
    raise SystemExit(REFUSED_STATUS)


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limit, and a lower one may hold already
        import resource  # noqa: PLC0415  # not there on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


if __name__ == "__main__":
    main()
