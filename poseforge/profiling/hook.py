"""Profile some steps in the middle of a real training."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from poseforge.engine.mmengine_parts import Hook
from poseforge.profiling.measuring import Measured, own_cost_s
from poseforge.profiling.outputs.folder import write_folder
from poseforge.profiling.profiler import Run, put_together
from poseforge.profiling.record import Work
from poseforge.profiling.session import TRACE
from poseforge.profiling.spans import STEP, WAITING, Key, Recorder
from poseforge.profiling.steps import training_tensors
from poseforge.profiling.tracing import Ranges, Tracer
from poseforge.profiling.watching import watched, watched_optimizer
from poseforge.profiling.work import WorkCounter

FEWEST = 3
_PLAIN = 10  # iterations before the first that are timed without hooks


class ProfileHook(Hook):
    """Profile the iterations `first` to `last` of a run, as `poseforge profile` profiles one step.

    The first of them counts what each layer has to do, the last one is traced, and those between
    are timed, with what they wait for data; up to ten before the first are timed without hooks. The
    files lie in the run's folder `profile`; each process writes its own trace, and the first one
    the rest. Where a validation comes in between, nothing is written. Of a compiled model the
    layers are not told apart.

    Args:
        first: Iteration, counted from 1, at which it begins.
        last: The last one that is profiled.

    Raises:
        ValueError: There are fewer than three iterations.
    """

    priority = "LOWEST"

    def __init__(self, first: int, last: int) -> None:
        if first < 1 or last - first + 1 < FEWEST:
            raise ValueError(
                f"profiled steps {first}:{last} are not {FEWEST} or more, counted from 1; give "
                "such as 50:60"
            )
        self.first, self.last = first, last
        self._measured = Measured([], [], [])
        self._work: dict[Key, Work] = {}
        self._watching, self._counting = ExitStack(), ExitStack()
        self._recorder: Recorder | None = None
        self._tracer: Tracer | None = None
        self._batch_size = 0
        self._began = 0.0  # when the last iteration ended

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        if runner.iter + 1 == self.first:
            self._begin(runner)
        elif self._recorder is not None:
            self._recorder.end()  # it has waited

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        iteration = runner.iter + 1
        taken = time.perf_counter() - self._began
        if self._began and self.first - _PLAIN <= iteration < self.first:
            self._measured.plain_s.append(taken)
        if self._recorder is not None:
            self._recorder.end()
            self._note(runner, iteration, taken)
        if self._recorder is not None:
            self._recorder.begin(Key(STEP, "forward"))
            self._recorder.begin(Key(WAITING, "forward"))
        self._batch_size = len(data_batch["index"])
        self._began = time.perf_counter()

    def before_val_epoch(self, runner: Any) -> None:
        self._leave()

    def after_train(self, runner: Any) -> None:
        self._leave()

    def _begin(self, runner: Any) -> None:
        model = runner.model
        recorder = self._recorder = Recorder(model.device, listener=Ranges())
        self._watching.enter_context(
            watched_optimizer(runner.optim_wrapper, model.estimator, recorder)
        )
        if runner.config.train.compile is None:  # hooks would break compiled code apart
            self._watching.enter_context(watched(model.estimator, recorder))
            self._work = self._counting.enter_context(WorkCounter(recorder)).work
        recorder.begin(Key(STEP, "forward"))

    def _note(self, runner: Any, iteration: int, taken: float) -> None:
        """Keep what an iteration has brought."""
        assert self._recorder is not None  # noqa: S101 - the caller has asked
        spans = self._recorder.take()
        self._counting.close()
        if self.first < iteration < self.last:
            self._measured.hooked_s.append(taken - own_cost_s(spans))
            self._measured.spans.append(spans)
        if iteration == self.last - 1:
            model = runner.model
            held = training_tensors(model.estimator, runner.optim_wrapper.optimizer)
            self._tracer = Tracer(model.device, sum(tensor.nbytes for tensor in held))
        elif iteration == self.last:
            self._write(runner)

    def _write(self, runner: Any) -> None:
        assert self._tracer is not None  # noqa: S101 - made one iteration before
        rank, folder = runner.world.rank, Path(runner.work_dir) / "profile"
        trace = folder / (f"process{rank}_{TRACE}" if rank else TRACE)
        traced = self._tracer.stop(trace)
        self._tracer = None
        self._leave()
        if not self._measured.plain_s:  # it began with the first iteration
            self._measured.plain_s.extend(self._measured.hooked_s)
        model = runner.model
        run = Run(
            runner.config,
            model.estimator,
            model.device,
            "train",
            self._batch_size,
            f"the run's own, iterations {self.first} to {self.last}",
        )
        if rank == 0:
            found = put_together(run, self._measured, self._work, traced)
            write_folder(found, folder, trace=trace)

    def _leave(self) -> None:
        """Take all hooks away; what is not written by now never is."""
        self._counting.close()
        self._watching.close()
        self._recorder = None
