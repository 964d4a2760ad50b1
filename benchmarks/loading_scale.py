"""Images a second of loaders by workers, batch size, crop size and people in an image.

    python -m benchmarks.loading_scale

One thing is changed at a time; the rest is as in `BASE`. Made-up photographs of 640 x 480 are
read, cropped at random scale, angle and place, mirrored or not, and stacked.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import torch

from benchmarks.made_up_photographs import Photographs
from benchmarks.speed_script import options_parser, publish
from benchmarks.timed_training import Plan, past_the_first, seconds
from poseforge.datasets import Combined, PoseDataset, Scenes, build_loader
from poseforge.engine.data import Source
from poseforge.profiling.result_file import Measurement, measurement
from poseforge.transforms import Flip, RandomCrop

NOTES = (
    "Wall time; the workers' start and the batches that they make before the clock starts are left "
    "out. Each process has one thread; with 0 workers the main process makes the batches.",
    "Scenes are whole images with all their people; the other samples are of one person.",
)


@dataclass(frozen=True)
class Case:
    """A loader.

    Attributes:
        workers: Processes that make batches.
        batch_size: Samples of one.
        size: (width, height) of crops, pixels.
        people: In an image; None is a sample a person.
    """

    workers: int = 1
    batch_size: int = 64
    size: tuple[int, int] = (192, 256)
    people: int | None = None

    def __str__(self) -> str:
        kind = "one person a sample" if self.people is None else f"scenes of {self.people}"
        size = f"{self.size[0]} x {self.size[1]} pixels"
        return f"{self.workers} workers, batches of {self.batch_size}, {size}, {kind}"


BASE = Case()
WHOLE = Case(workers=0, batch_size=16, size=(368, 368), people=1)
CASES = (
    *(replace(BASE, workers=workers) for workers in (0, 1, 2)),
    *(replace(BASE, batch_size=size) for size in (8, 256)),
    *(replace(BASE, size=size) for size in ((256, 256), (288, 384), (368, 368))),
    *(replace(WHOLE, people=people) for people in (1, 4, 16)),
)
TINY = (
    *(Case(workers, 4, (48, 64)) for workers in (0, 1)),
    Case(1, 2, (48, 64)),
    Case(0, 4, (64, 64), people=2),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    options = _arguments(arguments)
    cases, images, repeats = (TINY, 8, 2) if options.tiny else (CASES, 1024, options.repeats)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            measurements = measure(cases, Path(folder), images=images, repeats=repeats)
        settings = {"images": images, "repeats": repeats}
        publish("loading_scale", options, measurements, settings=settings, notes=NOTES)
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = options_parser("Measure how loaders scale.")
    parser.add_argument("--repeats", type=int, default=5, help="timings of each case")
    return parser.parse_args(arguments)


def measure(cases: Sequence[Case], folder: Path, *, images: int, repeats: int) -> list[Measurement]:
    """Return images a second of all cases, timed in turn.

    Args:
        cases: The loaders.
        folder: Where the photographs go.
        images: Of a timing.
        repeats: Timings of each.
    """
    photographs = {
        people: _samples(folder, people, images) for people in {case.people for case in cases}
    }
    rates: dict[Case, list[float]] = {case: [] for case in cases}
    for _ in range(repeats):
        for case, values in rates.items():
            values.append(_rate(case, photographs[case.people], images))
    return [measurement(str(case), "images/s", values) for case, values in rates.items()]


def _samples(folder: Path, people: int | None, images: int) -> PoseDataset:
    """Return people of 64 pictures, often enough that no timing ends an epoch, or the scenes."""
    pictures, each = min(64, images), people or 1
    photographs = Photographs(pictures * each, folder, per_picture=each)
    if people is None:
        return Combined([photographs], [4 * images / pictures])
    return Scenes(photographs)


def _rate(case: Case, samples: PoseDataset, images: int) -> float:
    transforms = [
        RandomCrop(case.size, padding=1.25 if case.people is None else 1.0),
        Flip("coco17"),
    ]
    loader = build_loader(
        samples, transforms, batch_size=case.batch_size, num_workers=case.workers, train=True
    )
    plan = Plan(max(1, images // case.batch_size), 1, 1)
    with closing(Source(samples, loader)):
        taken = seconds(
            plan, past_the_first(loader, case.workers), lambda _: None, torch.device("cpu")
        )
    return plan.steps * case.batch_size / taken


if __name__ == "__main__":
    sys.exit(main())
