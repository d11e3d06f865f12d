"""The serving protocols of others: TensorFlow Serving's REST API and the Open Inference Protocol v2."""
