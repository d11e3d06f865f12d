"""scikit-learn's `MLPClassifier`, with an epoch in each `partial_fit`."""

from sklearn.neural_network import MLPClassifier

from bench.peers import BATCH, CLASSES, HIDDEN, RATES, Run, images_as_floats


def classifier(optimizer: str) -> Run:
    """Train without momentum, penalty and shuffling, as the notebook does."""
    images, labels = images_as_floats()
    model = MLPClassifier(
        (HIDDEN,),
        solver=optimizer,
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=RATES[optimizer],
        momentum=0.0,
        shuffle=False,
    )

    def train(epochs: int) -> float:
        for _ in range(epochs):
            model.partial_fit(images, labels, classes=range(CLASSES))
        return float(model.loss_)

    def first_loss() -> None:
        model.partial_fit(images[:BATCH], labels[:BATCH], classes=range(CLASSES))

    return Run(first_loss=first_loss, train=train)
