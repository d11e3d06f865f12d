"""Turns prepared pixels into predictions: loaded models, predictions, saliency, evaluation."""
