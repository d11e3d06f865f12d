"""What the fork server imports: TensorFlow and the worker's modules. Nothing of TensorFlow may run before the fork."""

import sys

from service.operations.quiet import quiet_stderr

# Keras and TensorFlow import these where they are installed, as beside a notebook; a worker uses none of them
for name in ("IPython", "matplotlib", "pandas", "sklearn"):
    sys.modules[name] = None  # type: ignore[assignment]  # an import of the name fails as if it were not installed

with quiet_stderr():
    import keras  # noqa: F401  # imported for its effect
    import tensorflow as tf  # noqa: F401  # likewise

import service.training.worker.process  # noqa: E402, F401  # likewise; after the names above
from service.domain.config import JobConfig  # noqa: E402  # after the names above

JobConfig.model_rebuild()  # pydantic builds it at its first use: here once, not in each worker
