"""One attempt at a job: loads what it starts from, trains, records, saves checkpoints, and follows instructions."""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NoReturn

import naivenet
from service.composition import Services
from service.domain.claims import Claim
from service.domain.worker_messages import AppliedChange, Change, Instructions
from service.jobs.datasets import load_version
from service.jobs.runs import RunSamples, build_training, load_samples
from service.operations.tracing import Tracing
from service.store.retry import retry_while_unavailable
from service.training.failures import Diverged, TimeLimitExceeded
from service.training.worker.advice import CAUSES, Adviser
from service.training.worker.chance import Chance
from service.training.worker.checkpoints import Event, JobCheckpoints, epoch_point
from service.training.worker.decision import Action, Situation, decide
from service.training.worker.diagnostic import Diagnostic, EpochMoment
from service.training.worker.diagnostics import (
    Diagnostics,
    corrupt_checkpoint,
    divergence,
    environment_changed,
    unseen_classes,
)
from service.training.worker.environment import this_environment
from service.training.worker.finite import all_finite, first_nonfinite
from service.training.worker.forgetting import Forgetting
from service.training.worker.live_weights import LiveWeights
from service.training.worker.recorder import Recorder
from service.training.worker.resume_state import ResumeState
from service.training.worker.start import find_start
from service.training.worker.step_details import StepDetails
from service.training.worker.threads import fair_threads, limit_threads


class Run:
    """One attempt at a job.

    Args:
        services: The stores that it reads from and writes to.
        claim: The claim that it writes under.
        released: Returns whether the trainer has asked this worker to save a checkpoint and end.
        tracing: Receives a span for each epoch; None without tracing.
    """

    def __init__(
        self, services: Services, claim: Claim, *, released: Callable[[], bool], tracing: Tracing | None = None
    ) -> None:
        self._services, self._claim, self._released = services, claim, released
        self._workers, self._tracing = services.workers, tracing
        self.job = services.workers.job(claim)
        self._config = self.job.config
        self._deadline = time.monotonic() + services.settings.max_job_s - self.job.trained_s
        self._checkpoints = JobCheckpoints(services, claim, self.job)
        self._recorder = Recorder(
            services.workers,
            claim,
            interval_s=services.settings.flush_interval_s,
            batch_size=self._config.batch_size,
        )

    def train(self) -> None:
        """Train until the job is complete, or until it is cancelled, paused or released.

        Raises:
            Diverged: A loss is not a finite number.
            TimeLimitExceeded: The job has used up its time; a checkpoint holds its last weights.
        """
        threads = self.job.threads or fair_threads(self._services)
        limit_threads(threads)
        self._load(threads=threads)
        self._begin(threads=threads)
        self._end(Action.FINISH if self._is_complete(self._start.position) else self._train_steps())

    def _begin(self, *, threads: int) -> None:
        """Record that this attempt starts; if earlier steps were trained elsewhere, the event log says so."""
        before, now, step = self.job.environment, this_environment(), self._start.position.step
        moved = None
        if before and before != now and self.job.progress.step > 0:
            moved = environment_changed(before, now, epoch=self._training.epoch, step=step + 1)
        self._workers.begin(
            self._claim,
            threads=threads,
            total_steps=self._total_steps,
            from_step=step,
            environment=now,
            moved=moved,
        )

    def _load(self, *, threads: int) -> None:
        """Load the dataset and the newest usable checkpoint, and build the training that continues from it."""
        config = self._config
        samples = retry_while_unavailable(load_samples)(config, partial(load_version, self._services))
        self._total_steps = config.epochs * samples.steps_per_epoch(config.batch_size)
        self._start = find_start(self._services, self.job)
        self._model, self._early_stopping = self._start.model, self._start.resume_state.early_stopping
        self._reported_conditions = frozenset(self._start.resume_state.reported_conditions)
        self._earlier_changes = self._workers.changes(self._claim)
        recorded = config.record_steps
        self._training = build_training(
            self._model,
            samples,
            config,
            optimizer=self._start.optimizer,
            start=self._start.position,
            slots=self._start.slots,
            boundaries=[*(change.step - 1 for change in self._earlier_changes), *range(1, recorded + 1)],
            execution=naivenet.fitting_execution(steps=self._total_steps, threads=threads, precision=config.precision),
        )
        self._step_details = StepDetails(self._model, self._training, count=recorded)
        self._diagnostics = Diagnostics(self._start.initial, *samples.training)
        self._chance = Chance.of(samples.test[1])
        self._samples, (_, labels) = samples, samples.training
        self._unseen_classes = unseen_classes(labels, samples.validation[1]) if samples.validation else []
        self._forgetting = self._measured_start(samples) if config.init_from else None
        self._diagnose_start()

    def _measured_start(self, samples: RunSamples) -> Forgetting:
        """Return the accuracy of the weights that the job started from."""
        accuracy = naivenet.evaluate(self._start.initial, *samples.test).accuracy
        return Forgetting(dataset=samples.main, accuracy=accuracy)

    def _train_steps(self) -> Action:
        """Train, and carry out the action that each event leads to; return the one that ends the attempt."""
        self._repeat_changes(self._start.position.step)
        with self._checkpoints:
            for event in LiveWeights(self._services, self._claim).publishing(self._training, self._model):
                self._checkpoints.check()
                if detail := self._step_details.after(event):
                    self._recorder.add_step(detail)
                released, out_of_time = self._released(), time.monotonic() >= self._deadline
                automatic_due = isinstance(event, naivenet.Steps) and self._checkpoints.is_automatic_due()
                instructions = self._record(event, at_once=released or out_of_time or automatic_due)
                action = decide(
                    Situation(
                        instructions=instructions,
                        is_complete=self._is_complete(event.position),
                        is_out_of_time=out_of_time,
                        is_released=released,
                        is_checkpoint_due=self._is_checkpoint_due(event),
                        is_automatic_due=automatic_due,
                    )
                )
                if self._carry_out(action, event, instructions):
                    return action
        return Action.FINISH

    def _carry_out(self, action: Action, event: Event, instructions: Instructions) -> bool:
        """Do what was decided; return whether the attempt ends here.

        Weights that are not finite are not saved, so that the last good checkpoint stays the newest one. Training goes
        on then, and the next step reports the divergence.
        """
        if not action.ends_the_job:
            self._apply_changes(instructions.changes, after_step=event.position.step)
        saved = action.saves and all_finite(self._model)
        if saved:
            self._save(event, save_requests=instructions.saves, automatic=action is Action.SAVE_AUTOMATICALLY)
        return action.ends_the_job or (saved and not action.trains_on)

    def _end(self, action: Action) -> None:
        """Report how the attempt ends, after all its checkpoints are written."""
        match action:
            case Action.FINISH:
                self._succeed()
            case Action.CANCEL:
                self._workers.cancelled(self._claim)
            case Action.TIME_OUT:
                raise TimeLimitExceeded(self._services.settings.max_job_s)
            case _:
                self._workers.release(self._claim)

    def _record(self, event: Event, *, at_once: bool) -> Instructions:
        """Record an event, and return the store's instructions; *at_once* does not wait for the flush interval.

        Raises:
            Diverged: A loss is not a finite number. The event has been recorded, with a diagnostic.
        """
        if bad := first_nonfinite(event):
            self._record_divergence(event, *bad)
        if isinstance(event, naivenet.Steps):
            return self._recorder.add(event, at_once=at_once)
        self._diagnose(event)
        if rule := self._config.early_stopping:
            metric = getattr(event, rule.monitor)
            self._early_stopping = self._early_stopping.after(rule, epoch=event.epoch, metric=metric)
        if self._tracing:
            self._tracing.ended("epoch", seconds=event.seconds, epoch=event.epoch, train_loss=float(event.train_loss))
        return self._recorder.end_epoch(epoch_point(event, self._samples.sets_of(event)))

    def _record_divergence(self, event: Event, step: int, loss: float) -> NoReturn:
        rate = self._training.rate(step)
        self._report([divergence(epoch=event.epoch, step=step, learning_rate=rate)])
        if isinstance(event, naivenet.Steps):
            self._recorder.add(event, at_once=True)
        else:
            self._recorder.write()
        raise Diverged(step=step, loss=loss, learning_rate=rate)

    def _diagnose_start(self) -> None:
        """Report what can be found before the first step: problems of the configuration, and corrupt checkpoints."""
        step = self._start.position.step
        causes = self._diagnostics.at_start(base_rate=self._config.optimizer.learning_rate)
        self._starts_badly = bool(causes)
        if step == 0:
            self._report([*causes, *self._unseen_classes])
            self._reported_conditions = frozenset(each.condition for each in causes)
        self._report(
            corrupt_checkpoint(epoch=each.epoch or 1, step=each.step or 0, resumed_from=step)
            for each in self._start.corrupt
        )

    def _diagnose(self, end: naivenet.EpochEnd) -> None:
        """Report the conditions that begin with this epoch."""
        moment, rate = EpochMoment(epoch=end.epoch, step=end.step), self._training.rate(end.step)
        base_rate = self._training.updater.learning_rate
        found = self._diagnostics.after_epoch(self._model, moment, learning_rate=rate, base_rate=base_rate)
        if self._forgetting:
            found += self._forgetting.after_epoch(end, learning_rate=rate)
        is_explained = self._starts_badly or any(each.code in CAUSES for each in found)
        if self._chance:
            found += self._chance.after_epoch(end, is_last=end.epoch == self._config.epochs)
        new = [each for each in found if each.condition not in self._reported_conditions]
        self._report(new, is_explained=is_explained)
        self._reported_conditions = frozenset(each.condition for each in found)

    def _report(self, diagnostics: Iterable[Diagnostic], *, is_explained: bool = False) -> None:
        """Add diagnostics, each with its advice, to the event log."""
        base_rate = self._training.updater.learning_rate
        adviser = Adviser(config=self._config, base_rate=base_rate, is_explained=is_explained)
        self._recorder.add_diagnostics([adviser.advised(each) for each in diagnostics])

    def _repeat_changes(self, after_step: int) -> None:
        """Apply again the changes that an earlier attempt applied after this step."""
        for change in self._earlier_changes:
            if change.step == after_step + 1:
                self._set_hyperparameters(change)

    def _apply_changes(self, changes: Sequence[Change], *, after_step: int) -> None:
        """Apply earlier and new changes, and record the new ones before a step is taken with them."""
        if after_step == self._total_steps:
            return
        self._repeat_changes(after_step)
        for change in changes:
            self._set_hyperparameters(change)
        if changes:
            self._recorder.write(changes=[AppliedChange(**vars(change), step=after_step + 1) for change in changes])

    def _set_hyperparameters(self, change: Change) -> None:
        updater = self._training.updater
        if change.learning_rate is not None:
            updater.learning_rate = change.learning_rate
        if change.momentum is not None and updater.momentum is not None:
            updater.momentum = change.momentum

    def _is_checkpoint_due(self, event: Event) -> bool:
        """Return whether the event ends an epoch that the configuration saves, or the best one so far."""
        if not isinstance(event, naivenet.EpochEnd):
            return False
        rule = self._config.early_stopping
        is_best = rule is not None and rule.restore_best and self._early_stopping.best_epoch == event.epoch
        return is_best or event.epoch % self._config.checkpoint_every_epochs == 0

    def _is_complete(self, position: naivenet.Position) -> bool:
        """Return whether the last epoch has ended, or early stopping has ended the training."""
        rule = self._config.early_stopping
        stopped_early = rule is not None and self._early_stopping.is_over(rule)
        return not position.within_epoch and (stopped_early or position.step == self._total_steps)

    def _save(self, event: Event, *, save_requests: Sequence[str], automatic: bool) -> None:
        updater = self._training.updater
        state = ResumeState(
            learning_rate=updater.learning_rate,
            momentum=updater.momentum,
            early_stopping=self._early_stopping,
            reported_conditions=tuple(sorted(self._reported_conditions, key=str)),
        )
        self._checkpoints.save(
            self._model,
            self._training,
            event,
            state,
            save_requests=save_requests,
            automatic=automatic,
            test_set=self._samples.test_set,
        )

    def _succeed(self) -> None:
        """Report success; early stopping may make the best epoch's weights the result."""
        rule, best, last = self._config.early_stopping, self._early_stopping.best_epoch, self._training.epoch
        stopped = last if rule and self._early_stopping.is_over(rule) and last < self._config.epochs else None
        restored = (
            self._checkpoints.copy_of_epoch(best) if rule and rule.restore_best and best and best < last else None
        )
        self._workers.succeed(self._claim, restored=restored, stopped_epoch=stopped)
