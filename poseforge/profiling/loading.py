"""How samples come: what each costs a worker, and whether steps wait for them."""

import functools
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

import numpy as np
import torch

from poseforge.datasets.loading import SampleStream
from poseforge.engine.data import Source, build_source
from poseforge.engine.distributed import World
from poseforge.engine.prefetch import prefetched
from poseforge.profiling.record import Loading, Spread, Stage
from poseforge.profiling.spans import Recorder
from poseforge.profiling.subject import Subject
from poseforge.structures import Batch
from poseforge.transforms.io import ImageFile

_SAMPLES = 64  # that are made one by one, to see what each part of making them costs
_ROUNDS = 2  # of batches from every worker: they finish theirs all at once
_DECODING = ("decode", "decode_part")  # methods of ImageFile
_NOTICEABLE = 0.05  # of a step


def measure_loading(subject: Subject, world: World) -> Loading | None:
    """Make samples one by one, then run steps on a loader's batches as a training does.

    Args:
        subject: Whose training loader; None is returned where its data is not on this machine.
        world: Which process this is.
    """
    if subject.is_noise:
        return None
    source = build_source(subject.role, subject.config, subject.estimator, world, train=True)
    with closing(source):
        stages = _sample_stages(source.stream)
        waiting, step = _fed_steps(subject, source)
    sample_s = sum(stage.seconds for stage in stages)
    workers = source.loader.num_workers
    verdict = _verdict(waiting, step, sample_s, workers, subject.batch_size)
    return Loading(tuple(stages), max(1, workers) / sample_s, waiting, verdict)


def _sample_stages(stream: SampleStream) -> list[Stage]:
    """Return the mean seconds a sample of reading it, decoding, and each transform."""
    count = min(_SAMPLES, len(stream))
    recorder = Recorder(torch.device("cpu"))
    names = [type(transform).__name__ for transform in stream.transforms]
    calls = [_timed(recorder, name, t) for name, t in zip(names, stream.transforms, strict=True)]
    with _decoding_timed(recorder):
        for index in np.linspace(0, len(stream) - 1, count, dtype=int):
            rng = np.random.default_rng(index)
            with recorder.span("annotation"):
                sample = stream.dataset[int(index)]
            for call in calls:
                sample = call(sample, rng)
    total: dict[str, float] = defaultdict(float)
    for span in recorder.take():
        total[span.key.name] += span.host_s / count
    return [Stage(name, seconds) for name, seconds in total.items()]


def _timed(recorder: Recorder, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def timed(*args: Any, **kwargs: Any) -> Any:
        with recorder.span(name):
            return call(*args, **kwargs)

    return timed


@contextmanager
def _decoding_timed(recorder: Recorder) -> Iterator[None]:
    originals = {name: getattr(ImageFile, name) for name in _DECODING}
    for name, call in originals.items():
        setattr(ImageFile, name, _timed(recorder, "decode", call))
    try:
        yield
    finally:
        for name, call in originals.items():
            setattr(ImageFile, name, call)


def _fed_steps(subject: Subject, source: Source) -> tuple[float, float]:
    """Return the seconds that a step waits for its batch, and that it takes with that."""
    workers = source.loader.num_workers
    count = _ROUNDS * max(2, workers)
    batches = itertools.chain.from_iterable(itertools.repeat(source.loader))
    layout = subject.config.train.channels_last
    arriving = cast(
        Generator[Batch, None, None],
        prefetched(cast(Iterator[Batch], batches), subject.device, channels_last=layout),
    )
    waits, steps = [], []
    with closing(arriving):
        subject.run(next(arriving))  # the workers start
        subject.finish()
        for _ in range(count):
            start = time.perf_counter()
            batch = next(arriving)
            arrived = time.perf_counter()
            subject.run(batch)
            subject.finish()
            waits.append(arrived - start)
            steps.append(time.perf_counter() - start)
    return sum(waits) / count, Spread.of(steps).median


def _verdict(waiting: float, step: float, sample_s: float, workers: int, batch_size: int) -> str:
    """Say whether steps wait, and what would help."""
    part, alone = waiting / step, max(step - waiting, 1e-9)
    rate = max(1, workers) / sample_s
    who = "1 process makes" if workers < 2 else f"{workers} processes make"
    rates = f"{who} {rate:.0f} samples/s, steps without waiting take {batch_size / alone:.0f}"
    if part < _NOTICEABLE:
        return f"Steps do not wait for data ({part:.0%} of their time): {rates}."
    needed = batch_size * sample_s / alone
    return (
        f"Steps wait for data for {part:.0%} of their time: {rates}; {needed:.1f} workers with a "
        "core each would keep up, or CachedRegions, or augment='device'."
    )
