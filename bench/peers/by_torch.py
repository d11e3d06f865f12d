"""PyTorch in its usual form: eager, with a loop over slices of tensors."""

import torch
from torch import nn

from bench.peers import BATCH, CLASSES, HIDDEN, INPUTS, RATES, Run, images_as_floats


def eager(optimizer: str) -> Run:
    """Run the usual loop."""
    images, labels = (torch.from_numpy(array) for array in images_as_floats())
    model = nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    criterion = nn.CrossEntropyLoss()
    rule = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer](model.parameters(), lr=RATES[optimizer])

    def step(images_batch: torch.Tensor, labels_batch: torch.Tensor) -> torch.Tensor:
        rule.zero_grad()
        loss = criterion(model(images_batch), labels_batch)
        loss.backward()
        rule.step()
        return loss

    def train(epochs: int) -> float:
        for _ in range(epochs):
            for images_batch, labels_batch in zip(images.split(BATCH), labels.split(BATCH), strict=True):
                loss = step(images_batch, labels_batch)
        return float(loss)

    return Run(first_loss=lambda: float(step(images[:BATCH], labels[:BATCH])), train=train)
