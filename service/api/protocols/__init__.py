"""Two standard serving protocols: TensorFlow Serving's REST API and the Open Inference Protocol v2."""
