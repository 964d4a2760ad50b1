"""What augmentation on the device saves the workers, and what it costs the device.

    python -m benchmarks.device_augmentation --device cuda

Made-up photographs of 640 x 480 hold a person of 80 to 400 pixels each. Both paths take the same
transforms; a sample is read, transformed, packed and stacked. Each repeat times everything in turn.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import torch

from benchmarks.made_up_photographs import Photographs
from benchmarks.speed_script import options_parser, publish
from poseforge.datasets import SampleStream, collate
from poseforge.models.device import to_device
from poseforge.profiling.result_file import Measurement, measurement, ratio
from poseforge.structures import Batch
from poseforge.transforms import (
    ColorJitter,
    CutOut,
    Flip,
    HalfBody,
    RandomCrop,
    Read,
    Transform,
    defer,
)

NOTES = (
    "A worker's time is the processor's, of one thread: reading, transforms, packing, stacking.",
    "A device's time is that from a batch of a worker's until its pictures are there: of the CPU "
    "path it is the copy alone. On a GPU it is the wall's, else the processor's of one thread.",
    "A warp by the worker is that of a picture which has fewer pixels than the image by so much "
    "that what it shows is more than a crop holds.",
)


@dataclass(frozen=True)
class Plan:
    """What is measured and how often.

    Attributes:
        sizes: (width, height) of inputs.
        people: Photographs, which are the batch.
        repeats: Timings of each part.
    """

    sizes: Sequence[tuple[int, int]]
    people: int
    repeats: int


def transforms_of(size: tuple[int, int]) -> list[Transform]:
    """Return everything that a training may do to a sample."""
    crop, flip = RandomCrop(size), Flip("coco17")
    return [HalfBody("coco17"), Read(), crop, flip, ColorJitter(), CutOut()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    options = _arguments(arguments)
    plan = Plan(((192, 256), (256, 256), (368, 368)), 64, options.repeats)
    if options.tiny:
        plan = Plan(((96, 128),), 4, 2)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    device = torch.device(options.device)
    try:
        with tempfile.TemporaryDirectory() as folder:
            measurements = [
                item for size in plan.sizes for item in measure(size, plan, Path(folder), device)
            ]
    except (RuntimeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    publish(
        options.name,
        options,
        measurements,
        settings={"plan": vars(plan), "device": device.type, "threads": 1},
        notes=NOTES,
        device=device,
    )
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = options_parser("Measure augmentation by workers and by a device.")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="default cpu")
    parser.add_argument("--name", default="device_augmentation", help="what the result is called")
    parser.add_argument("--repeats", type=int, default=9, help="timings of each part")
    return parser.parse_args(arguments)


def measure(
    size: tuple[int, int], plan: Plan, folder: Path, device: torch.device
) -> list[Measurement]:
    """Measure both paths for inputs of one size."""
    transforms = transforms_of(size)
    paths = {"cpu": transforms, "device": defer(transforms)}
    streams = {
        (source, path): SampleStream(Photographs(plan.people, folder, decoded=decoded), steps)
        for source, decoded in (("JPEG files", False), ("decoded pictures", True))
        for path, steps in paths.items()
    }
    batches = {path: _batch(streams["decoded pictures", path], 0) for path in paths}
    if device.type == "cuda":
        batches = {path: _pinned(batch) for path, batch in batches.items()}
    workers: dict[tuple[str, str], list[float]] = {key: [] for key in streams}
    devices: dict[str, list[float]] = {path: [] for path in paths}
    for repeat in range(1 + plan.repeats):  # the first warms up
        for key, stream in streams.items():
            seconds = _seconds(lambda stream=stream, at=repeat: _batch(stream, at))
            workers[key].append(1000 * seconds / plan.people)
        for path, batch in batches.items():
            seconds = _seconds(lambda batch=batch: to_device(batch, device), device)
            devices[path].append(1000 * seconds)
    prefix = f"{size[0]} x {size[1]}"
    work = {
        key: measurement(f"{prefix}, {key[0]}: a worker, {key[1]} path", "ms/sample", times[1:])
        for key, times in workers.items()
    }
    shares = [
        ratio(
            f"{prefix}, {source}: a worker, cpu path ÷ device path",
            work[source, "cpu"],
            work[source, "device"],
        )
        for source in dict.fromkeys(source for source, _ in streams)
    ]
    made = [
        measurement(f"{prefix}: the device, {path} path", f"ms/{plan.people} samples", times[1:])
        for path, times in devices.items()
    ]
    return [*work.values(), *shares, *made, *_facts(prefix, batches)]


def _batch(stream: SampleStream, epoch: int) -> Batch:
    return collate([stream[(epoch, index)] for index in range(len(stream))])


def _pinned(batch: Batch) -> Batch:
    return cast(Batch, {name: value.pin_memory() for name, value in batch.items()})


def _seconds(call: Callable[[], object], device: torch.device | None = None) -> float:
    """Return how long a call takes: of the processor, or until a GPU has finished."""
    if device is None or device.type == "cpu":
        start = time.process_time()
        call()
        return time.process_time() - start
    torch.cuda.synchronize()
    start = time.perf_counter()
    call()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def _facts(prefix: str, batches: Mapping[str, Batch]) -> list[Measurement]:
    """Return what is sent, who warped, and how far the two paths' pictures are apart."""
    cpu = torch.device("cpu")
    pictures = [to_device(batches[path], cpu)["image"].float() for path in ("cpu", "device")]
    apart = (pictures[0] - pictures[1]).abs().mean(dim=(1, 2, 3))
    columns = batches["device"]["columns"]
    by_worker = (columns[:, 1] - columns[:, 0] == torch.tensor([1.0, 0.0])).all(dim=-1)
    sent = [
        measurement(f"{prefix}: sent, {path} path", "kB/sample", [_bytes(batch) / 1000])
        for path, batch in batches.items()
    ]
    return [
        *sent,
        measurement(f"{prefix}: warped by the worker", "%", [100 * by_worker.float().mean()]),
        measurement(f"{prefix}: pictures apart, mean", "grey levels", [apart.mean()]),
        measurement(f"{prefix}: pictures apart, worst picture", "grey levels", [apart.max()]),
    ]


def _bytes(batch: Batch) -> float:
    tensors = cast(dict[str, torch.Tensor], batch).values()
    return sum(tensor.nbytes for tensor in tensors) / len(batch["index"])


if __name__ == "__main__":
    sys.exit(main())
