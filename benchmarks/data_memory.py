"""Memory of loader processes over epochs: it must not grow, nor with the number of people.

    python -m benchmarks.data_memory

150 000 made-up people of 17 keypoints, as COCO has, share one tiny image; an epoch has so many
batches that its people are drawn from everywhere. After each epoch the kernel says what each worker
has for itself alone (private pages) and in proportion to those who share it (PSS).
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.made_up_people import made_up
from benchmarks.speed_script import options_parser, publish
from poseforge.datasets import Scenes, build_loader
from poseforge.datasets.base import PoseDataset
from poseforge.datasets.on_disk import DatasetOnDisk
from poseforge.profiling.result_file import Measurement, measurement
from poseforge.structures import SKELETONS, People
from poseforge.transforms import Flip, RandomCrop

SIZE, BATCH = (32, 32), 64


class SharedImage(DatasetOnDisk):
    """Made-up people who are all said to be in one image."""

    name, protocol, skeleton = "made up", "made-up box", SKELETONS["coco17"]

    def __init__(self, count: int, image: Path) -> None:
        arrays = dict(made_up(count, 17, 2))
        del arrays["predicted"], arrays["scores"]
        arrays["boxes"] = np.tile(np.array([8, 8, 56, 56], np.float32), (count, 1))
        self.people = People(image_paths=np.full(count, str(image)), **arrays)

    def fingerprint(self) -> str:
        """Return nothing: the same is made everywhere."""
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = options_parser("Measure the memory of loader processes.")
    parser.add_argument("--epochs", type=int, default=20, help="how many epochs")
    options = parser.parse_args(arguments)
    people, epochs, batches = (300, 2, 2) if options.tiny else (150_000, options.epochs, 200)
    with tempfile.TemporaryDirectory() as name:
        image = Path(name) / "shared.jpg"
        noise = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)
        cv2.imwrite(str(image), cv2.GaussianBlur(noise, (0, 0), 3))
        dataset = SharedImage(people, image)
        measurements = [
            *worker_memory("people", dataset, 2, epochs, batches),
            *worker_memory("scenes", Scenes(dataset), 2, epochs, batches),
        ]
    publish(
        "data_memory",
        options,
        measurements,
        settings={"people": people, "epochs": epochs, "batches": batches, "batch_size": BATCH},
        notes=[
            "The values are those after each epoch, in order. Private memory is what a worker has "
            "for itself alone; the arrays of people are in it only as far as a worker has changed "
            "a page.",
            *map(growth, measurements),
        ],
    )
    return 0


def growth(memory: Measurement) -> str:
    """Say how much there was after the first epoch and after the last."""
    first, last = memory["values"][0], memory["values"][-1]
    return f"{memory['name']}: {first:.1f} MB after the first epoch, {last:.1f} MB after the last"


def worker_memory(
    kind: str, dataset: PoseDataset, workers: int, epochs: int, batches: int
) -> list[Measurement]:
    """Return the megabytes of each worker after each epoch.

    Args:
        kind: What the samples are.
        dataset: Where they come from.
        workers: How many processes.
        epochs: How many epochs.
        batches: How many batches of each are made.
    """
    loader = build_loader(
        dataset, [RandomCrop(SIZE), Flip("coco17")],
        batch_size=BATCH, num_workers=workers, train=True,
    )  # fmt: skip
    found: dict[str, list[float]] = {}
    for epoch in range(epochs):
        # So much of the epoch as is made; the sampler's order of each is another.
        loader.batch_sampler.set_position(epoch, max(0, len(loader) - batches))
        for _ in loader:
            pass
        for number, worker in enumerate(loader._iterator._workers):
            for title, megabytes in memory_of(worker.pid).items():
                name = f"{kind}, worker {number + 1} of {workers}, {title}"
                found.setdefault(name, []).append(megabytes)
    loader._iterator._shutdown_workers()
    return [measurement(name, "MB", values) for name, values in found.items()]


def memory_of(process: int) -> dict[str, float]:
    """Return a process's private memory and its share of all, in megabytes, as Linux counts it."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return {"private": private * 1024 / 1e6, "PSS": kilobytes["Pss"] * 1024 / 1e6}


if __name__ == "__main__":
    sys.exit(main())
