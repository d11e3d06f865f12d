"""JAX: the full batches of an epoch in one `lax.scan`, and the short last batch in its own call."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from bench.peers import BATCH, INPUTS, RATES, Run, images_as_floats, initial_weights

State = tuple[Any, Any]  # the weights, and the optimizer's state
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7


def scan(optimizer: str) -> Run:
    """Compile once for an epoch."""
    return _scan(optimizer, jnp.float32)


def scan_bfloat16(optimizer: str) -> Run:
    """Do the same with products in bfloat16, and all else in float32."""
    return _scan(optimizer, jnp.bfloat16)


def _scan(optimizer: str, operands: Any) -> Run:
    images, labels = images_as_floats()
    whole = len(images) // BATCH * BATCH
    batches = jnp.asarray(images[:whole].reshape(-1, BATCH, INPUTS)), jnp.asarray(labels[:whole].reshape(-1, BATCH))
    last = jnp.asarray(images[whole:]), jnp.asarray(labels[whole:])
    step = _step({"sgd": _sgd, "adam": _adam}[optimizer], partial(_loss, operands))
    many = jax.jit(lambda state, data: jax.lax.scan(step, state, data), donate_argnums=0)
    one = jax.jit(step, donate_argnums=0)
    weights = [jnp.asarray(weight) for weight in initial_weights()]
    zeros = jax.tree.map(jnp.zeros_like, (weights, weights))
    state: State = (weights, (jnp.zeros(()), *zeros))

    def train(epochs: int = 1) -> float:
        nonlocal state
        for _ in range(epochs):
            state, losses = many(state, batches)
            state, _ = one(state, last)
        return float(losses[-1]) + float(state[0][1][0]) * 0  # waits for the last step as well

    return Run(first_loss=train, train=train)


def _loss(operands: Any, weights: Any, images: Any, labels: Any) -> Any:
    def product(x: Any, W: Any) -> Any:
        return (x.astype(operands) @ W.astype(operands)).astype(jnp.float32)

    W1, b1, W2, b2 = weights
    logits = product(jax.nn.relu(product(images, W1) + b1), W2) + b2
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
    return -jnp.mean(chosen)


def _step(rule: Callable[..., State], loss_of: Callable[..., Any]) -> Callable[[State, Any], tuple[State, Any]]:
    def step(state: State, batch: Any) -> tuple[State, Any]:
        weights, memory = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, *batch)
        return rule(weights, memory, gradients), loss

    return step


def _sgd(weights: Any, memory: Any, gradients: Any) -> State:
    return jax.tree.map(lambda w, g: w - RATES["sgd"] * g, weights, gradients), memory


def _adam(weights: Any, memory: Any, gradients: Any) -> State:
    steps, means, squares = memory
    steps = steps + 1
    means = jax.tree.map(lambda m, g: _BETA_1 * m + (1 - _BETA_1) * g, means, gradients)
    squares = jax.tree.map(lambda v, g: _BETA_2 * v + (1 - _BETA_2) * g * g, squares, gradients)
    rate = RATES["adam"] * jnp.sqrt(1 - _BETA_2**steps) / (1 - _BETA_1**steps)
    moved = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + _EPSILON), weights, means, squares)
    return moved, (steps, means, squares)
