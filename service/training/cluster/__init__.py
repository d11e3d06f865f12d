"""Jobs on a Ray cluster: what runs on its nodes, and the trainer's connection to it."""
