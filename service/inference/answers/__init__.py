"""From prepared pixels to an answer: loaded models, predictions, saliency, evaluation."""
