"""What the fork server imports: TensorFlow and all that a worker needs, of which nothing may run before the fork."""

from service.operations.quiet import quiet_stderr

with quiet_stderr():
    import keras  # noqa: F401  # importing is what this is for
    import tensorflow as tf  # noqa: F401  # likewise

import service.training.worker.process  # noqa: F401  # likewise
