"""One attempt at one job: start or go on, train, record, obey, save, and say how it ended."""

import math
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.composition import Services
from service.domain.claims import Claim
from service.domain.worker_messages import AppliedChange, Change, Instructions
from service.jobs import datasets
from service.operations.tracing import Tracing
from service.training.failures import Diverged, OverTime
from service.training.worker.checkpoints import Event, JobCheckpoints, epoch_point
from service.training.worker.diagnostics import Diagnostics, EpochMoment, damaged, divergence
from service.training.worker.live_weights import LiveWeights
from service.training.worker.recorder import Recorder
from service.training.worker.resume_state import ResumeState
from service.training.worker.start import find_start

Samples = tuple[Any, Any]


class Run:
    """One attempt at one job.

    Args:
        services: What it works with.
        claim: The claim it writes under.
        tracing: Where the spans of epochs go.
        released: Says whether it is to save, hand its job back to the queue, and go.
    """

    def __init__(
        self, services: Services, claim: Claim, *, released: Callable[[], bool], tracing: Tracing | None = None
    ) -> None:
        self._services, self._claim, self._released = services, claim, released
        self._workers, self._tracing = services.workers, tracing
        self.job = services.workers.job(claim)
        self._config = self.job.config
        self._ends_at = time.monotonic() + services.settings.max_job_s - self.job.trained_s
        self._keeper = JobCheckpoints(services, claim, self.job)
        self._recorder = Recorder(
            services.workers,
            claim,
            interval_s=services.settings.flush_interval_s,
            batch_size=self._config.batch_size,
        )

    def to_the_end(self) -> None:
        """Train until the last epoch, the end of patience, an order to stop or to pause, or the release."""
        threads = self.job.threads or fair_threads(self._services)
        _use_threads(threads)
        self._load(threads=threads)
        self._workers.begin(
            self._claim, threads=threads, total_steps=self._total_steps, from_step=self._start.position.step
        )
        if self._is_over(self._start.position) or self._train():
            self._succeed()

    def _load(self, *, threads: int) -> None:
        """Read the data, and the weights and the state to go on from, if there are any."""
        config = self._config
        data = naivenet.datasets.load(datasets.locate(self._services.settings.resolved_datasets_dir, config.dataset))
        training, validation = _split((data.x_train, data.y_train), config.validation_split)
        self._steps_per_epoch = math.ceil(len(training[0]) / config.batch_size)
        self._total_steps = config.epochs * self._steps_per_epoch
        self._start = find_start(self._services, self.job)
        self._model, self._waiting = self._start.model, self._start.memory.waiting
        self._told = frozenset(self._start.memory.told)
        self._script = self._workers.changes(self._claim)
        self._training = naivenet.train(
            self._model,
            *training,
            epochs=config.epochs,
            batch_size=config.batch_size,
            optimizer=self._start.optimizer,
            schedule=config.schedule,
            shuffle=config.shuffle,
            seed=config.seed or 0,
            validation=validation,
            test=(data.x_test, data.y_test),
            start=self._start.position,
            slots=self._start.slots,
            boundaries=[change.step - 1 for change in self._script],
            execution=naivenet.fitting_execution(steps=self._total_steps, threads=threads),
        )
        self._examiner = Diagnostics(self._start.initial, *training)
        self._look_at_start()

    def _look_at_start(self) -> None:
        """Note what can be seen before the first step: of the weights, and of checkpoints that were damaged."""
        here = self._start.position.step
        if here == 0:
            self._recorder.note(self._examiner.at_start())
        self._recorder.note(
            damaged(epoch=each.epoch or 1, step=each.step or 0, resumed_from=here) for each in self._start.damaged
        )

    def _train(self) -> bool:
        """Train on; whether to the end, and not only until it was cancelled, paused or released."""
        self._follow_script(self._start.position.step)
        for event in LiveWeights(self._services, self._claim).shown(self._training, self._model):
            released, late = self._released(), time.monotonic() >= self._ends_at
            orders = self._tell(event, at_once=released or late)
            if orders.stop:
                self._workers.cancelled(self._claim)
                return False
            over = self._is_over(event.position)
            if event.position.step < self._total_steps and not over:
                self._follow_script(event.position.step)
                self._change(orders.changes, first_step=event.position.step + 1)
            leaving = (released or orders.pause or late) and not over
            # Where the weights are no numbers any more, the last good checkpoint stays the last: the next step tells
            if (leaving or orders.saves or self._is_to_save(event, over=over)) and _all_finite(self._model):
                self._save(event, answers=orders.saves)
                if late and not over:
                    raise OverTime(self._services.settings.max_job_s)
                if leaving:
                    (self._workers.paused if orders.pause else self._workers.release)(self._claim)
                    return False
            if over:
                return True
        return True

    def _tell(self, event: Event, *, at_once: bool) -> Instructions:
        if isinstance(event, naivenet.Steps):
            bad = _first_nonfinite(event.losses)
            if bad is None:
                return self._recorder.add(event, at_once=at_once)
            error = self._diverged(event, step=event.first_step + bad, loss=float(event.losses[bad]))
            self._recorder.add(event, at_once=True)
            raise error
        figures = [figure for figure in (event.test_loss, event.validation_loss) if figure is not None]
        bad = _first_nonfinite(np.array(figures))
        if bad is not None:
            error = self._diverged(event, step=event.step, loss=figures[bad])
            self._recorder.write()
            raise error
        self._look_at(event)
        if self._tracing:
            self._tracing.ended("epoch", seconds=event.seconds, epoch=event.epoch, train_loss=float(event.train_loss))
        return self._recorder.end_epoch(epoch_point(event))

    def _diverged(self, event: Event, *, step: int, loss: float) -> Diverged:
        rate = self._training.rate(step)
        self._recorder.note([divergence(epoch=event.epoch, step=step, learning_rate=rate)])
        return Diverged(step=step, loss=loss, learning_rate=rate)

    def _look_at(self, end: naivenet.EpochEnd) -> None:
        """Note what an epoch's end shows, and count it for early stopping."""
        moment = EpochMoment(epoch=end.epoch, step=end.step)
        rate = self._training.rate(end.step)
        found = self._examiner.after_epoch(self._model, moment, learning_rate=rate)
        self._recorder.note(each for each in found if each.condition not in self._told)
        self._told = frozenset(each.condition for each in found)
        if rule := self._config.early_stopping:
            self._waiting = self._waiting.after(rule, epoch=end.epoch, figure=getattr(end, rule.monitor))

    def _follow_script(self, step: int) -> None:
        """Make the changes again that an earlier attempt made after *step*."""
        for change in self._script:
            if change.step == step + 1:
                self._make(change)

    def _change(self, changes: Sequence[Change], *, first_step: int) -> None:
        """Make changes that were asked for, and write them down before a step is taken with them."""
        for change in changes:
            self._make(change)
        if changes:
            applied = [AppliedChange(**vars(change), step=first_step) for change in changes]
            self._recorder.write(changes=applied)

    def _make(self, change: Change) -> None:
        updater = self._training.updater
        if change.learning_rate is not None:
            updater.learning_rate = change.learning_rate
        if change.momentum is not None and updater.momentum is not None:
            updater.momentum = change.momentum

    def _is_to_save(self, event: Event, *, over: bool) -> bool:
        """Whether it ends one of the epochs that the configuration names, the last, or the best so far."""
        if not isinstance(event, naivenet.EpochEnd):
            return False
        rule = self._config.early_stopping
        best = rule is not None and rule.restore_best and self._waiting.best_epoch == event.epoch
        return over or best or event.epoch % self._config.checkpoint_every_epochs == 0

    def _is_over(self, position: naivenet.Position) -> bool:
        """Whether the run is at its end there: of the last epoch, or of early stopping's patience."""
        rule = self._config.early_stopping
        patient_no_more = rule is not None and self._waiting.is_over(rule)
        return not position.within_epoch and (patient_no_more or position.step == self._total_steps)

    def _save(self, event: Event, *, answers: Sequence[str]) -> None:
        updater = self._training.updater
        memory = ResumeState(
            learning_rate=updater.learning_rate,
            momentum=updater.momentum,
            waiting=self._waiting,
            told=tuple(sorted(self._told, key=str)),
        )
        self._keeper.save(self._model, self._training, event, memory, answers=answers)
        self._keeper.thin_out(best_epoch=self._waiting.best_epoch)

    def _succeed(self) -> None:
        rule, best, last = self._config.early_stopping, self._waiting.best_epoch, self._training.epoch
        stopped = last if rule and self._waiting.is_over(rule) and last < self._config.epochs else None
        restored = self._keeper.restored(best) if rule and rule.restore_best and best and best < last else None
        self._workers.succeed(self._claim, restored=restored, stopped_epoch=stopped)


def _split(samples: Samples, share: float) -> tuple[Samples, Samples | None]:
    """The samples without their last *share*, and that share; None where it holds no sample."""
    images, labels = samples
    kept = len(images) - int(len(images) * share)
    return (images[:kept], labels[:kept]), (images[kept:], labels[kept:]) if kept < len(images) else None


def _first_nonfinite(numbers: NDArray[np.floating]) -> int | None:
    bad = np.flatnonzero(~np.isfinite(numbers))
    return int(bad[0]) if len(bad) else None


def _all_finite(model: naivenet.NaiveSequential) -> bool:
    return all(np.isfinite(weight.numpy()).all() for weight in model.weights)


def fair_threads(services: Services) -> int:
    """What the settings say; else all cores for a job that is alone, and an equal share for each that may run."""
    if chosen := services.settings.threads_per_job:
        return chosen
    cores = os.cpu_count() or 1
    if services.jobs.active() <= 1:
        return cores
    return max(1, cores // services.settings.max_running_jobs)


def _use_threads(threads: int) -> None:
    """Hold TensorFlow to so many; it must not have run anything yet."""
    import tensorflow as tf  # noqa: PLC0415  # only a worker has it

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
