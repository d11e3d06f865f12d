"""What the fork server imports: TensorFlow and the worker's modules. Nothing of TensorFlow may run before the fork."""

from service.operations.quiet import quiet_stderr

with quiet_stderr():
    import keras  # noqa: F401  # imported for its effect
    import tensorflow as tf  # noqa: F401  # likewise

import service.training.worker.process  # noqa: F401  # likewise
