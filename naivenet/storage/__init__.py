"""Files: checkpoints, training states and datasets."""
