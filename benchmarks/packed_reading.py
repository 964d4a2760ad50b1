"""Samples a second from packed crops and from image files, and what packing keeps.

    python -m benchmarks.packed_reading

LSP and LSPET, all 12 000 people, are packed as `poseforge data pack` does with its defaults; then
the same samples are made of both in turn, as a worker does for an input of 192 x 192. With `--tiny`
they are made-up photographs.
"""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.made_up_photographs import Photographs
from benchmarks.speed_script import options_parser, publish
from poseforge.datasets import LSP, LSPExtended, PackedCrops, PoseDataset, SampleStream
from poseforge.datasets.packing import PackSettings, pack
from poseforge.profiling.result_file import Measurement, measurement, ratio
from poseforge.structures import Sample, affine
from poseforge.transforms import Crop, Flip, RandomCrop, Transform
from poseforge.transforms.geometry import warp_image
from poseforge.transforms.io import Picture

SIZE = (192, 192)
# How a model is tested, and two ways to train it: the recipe's, and a wider one.
CROPS: dict[str, Transform] = {
    "test": Crop(SIZE),
    "training at scales 0.7-1.3, 40 degrees": RandomCrop(SIZE),
    "training at scales 0.6-1.4, 80 degrees": RandomCrop(SIZE, scale=(0.6, 1.4), rotate_deg=80),
}
TIMED = "training at scales 0.7-1.3, 40 degrees"

NOTES = (
    "A sample is read, cropped at random and mirrored or not. Times are the processor's, of one "
    "thread, with the files in the system's cache: a slow disk is not measured.",
    "Filled is the part of a crop's pixels that the image has but the pack does not. Apart are the "
    "crops of the pack and of the files where both have the image's pixels; reading small crops "
    "from files is not exact either.",
)


@dataclass(frozen=True)
class Plan:
    """What is measured and how often.

    Attributes:
        people: Samples of a timing and of a comparison, evenly spread.
        repeats: Timings of each side.
    """

    people: int
    repeats: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = options_parser("Measure packing and reading what is packed.")
    parser.add_argument("--repeats", type=int, default=9, help="timings of each side")
    options = parser.parse_args(arguments)
    plan = Plan(8, 2) if options.tiny else Plan(500, options.repeats)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as name:
            originals: list[PoseDataset] = (
                [Photographs(20, Path(name))]
                if options.tiny
                else [LSPExtended(), LSP("train"), LSP("test")]
            )
            measurements = measure(originals, Path(name) / "packed", plan)
        settings = {"plan": vars(plan), "size": SIZE, "packing": vars(PackSettings())}
        publish("packed_reading", options, measurements, settings=settings, notes=NOTES)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def measure(originals: Sequence[PoseDataset], folder: Path, plan: Plan) -> list[Measurement]:
    """Pack data sets and measure what became of them."""
    start = time.process_time()
    for dataset in originals:
        pack(dataset, folder / dataset.name, PackSettings(), workers=1)
    people = sum(len(dataset) for dataset in originals)
    rate = people / (time.process_time() - start)
    files = [path.stat().st_size / 1e6 for path in folder.rglob("*") if path.is_file()]
    found = [
        measurement("people", "people", [people]),
        measurement("packed people", "people/s", [rate]),
        measurement("all files", "MB", [sum(files)]),
        measurement("largest file", "MB", [max(files)]),
    ]
    for dataset in originals:
        packed = PackedCrops(dataset.name, folder=folder)
        rows = np.linspace(0, len(dataset) - 1, min(plan.people, len(dataset))).astype(int)
        found += _speeds(dataset, packed, rows, plan.repeats)
        for title, crop in CROPS.items():
            found += _differences(title, crop, dataset, packed, rows)
    return found


def _speeds(
    dataset: PoseDataset, packed: PoseDataset, rows: Sequence[int], repeats: int
) -> list[Measurement]:
    transforms = [CROPS[TIMED], Flip(dataset.skeleton)]
    streams = {
        "packed": SampleStream(packed, transforms),
        "files": SampleStream(dataset, transforms),
    }
    rates: Mapping[str, list[float]] = {side: [] for side in streams}
    for epoch in range(1 + repeats):  # the first warms up
        for side, stream in streams.items():
            start = time.process_time()
            for row in rows:
                stream[epoch, int(row)]
            rates[side].append(len(rows) / (time.process_time() - start))
    both = {
        side: measurement(f"{dataset.name}: {side}", "samples/s", values[1:])
        for side, values in rates.items()
    }
    comparison = ratio(f"{dataset.name}: packed ÷ files", both["packed"], both["files"])
    return [*both.values(), comparison]


def _differences(
    title: str, crop: Transform, dataset: PoseDataset, packed: PoseDataset, rows: Sequence[int]
) -> list[Measurement]:
    """Return how much of crops is filled, and how far the rest is from the files'."""
    filled, apart = [], []
    for row in rows:
        first, second = (_cropped(data[int(row)], crop, int(row)) for data in (dataset, packed))
        both = first[1] & second[1]
        filled.append(100 * (first[1] & ~second[1]).mean())
        apart.append(np.abs(first[0].astype(float) - second[0])[both].mean())
    return [
        measurement(f"{dataset.name}, {title}: filled", "%", [float(np.mean(filled))]),
        measurement(f"{dataset.name}, {title}: apart", "grey levels", [float(np.mean(apart))]),
    ]


def _cropped(
    sample: Sample, crop: Transform, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return a crop (H, W, 3), and which of its pixels (H, W) are not filled."""
    width, height = Picture(sample).size
    before = sample["matrix"] if "matrix" in sample else affine.identity()
    cropped = crop(sample, np.random.default_rng(seed))
    warp = affine.compose(cropped["matrix"], affine.invert(before))
    there = warp_image(np.full((height, width, 3), 255, np.uint8), warp, SIZE, 0)
    return cropped["image"], there[..., 0] == 255


if __name__ == "__main__":
    sys.exit(main())
