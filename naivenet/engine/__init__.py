"""The compiled training loop: many training steps in one TensorFlow graph."""
