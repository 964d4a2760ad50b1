"""Images a second of training ResNet-50 at 256 x 192, fed by PoseForge and by MMPose.

    python -m benchmarks.resnet50_coco --device cuda --mmpose-python mmpose-venv/bin/python

SimpleBaseline's network in bf16, channels-last and compiled, is trained on the same people by two
processes in turn, with as many workers each: one has PoseForge's loaders, the other MMPose's. The
people are COCO's, else those of coco_mini, else made-up ones on made-up photographs.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.beside_mmpose import (
    OURS,
    THEIRS,
    Sides,
    both_sides,
    comparison_parser,
    publish_comparison,
)
from benchmarks.fed_training import CONFIG, Task
from benchmarks.made_up_photographs import coco_photographs
from benchmarks.speed_script import add_training_options
from benchmarks.tiny import tiny_overrides
from poseforge.datasets import CocoStyle
from poseforge.datasets.root import data_folder
from poseforge.engine.distributed import World, claim_device
from poseforge.profiling.result_file import Measurement, measurement, ratio

MODULES = "benchmarks.poseforge_training", "benchmarks.mmpose_training"
BATCH = 64  # of MMPose's config
SAMPLES = 100_000  # of an epoch, at least: people are repeated
LEAST = 3.0  # times as fast as MMPose: what is promised
NOTES = (
    "Network, loss and optimizer are the same. MMPose's side reads, augments, collates, copies, "
    "normalises and makes heatmaps as its td-hm_res50_8xb64-210e_coco-256x192.py; it also crops to "
    "half bodies, and the accuracy that its head computes in each step is left out.",
    "Batches that workers made before the clock started are left out.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    options = _arguments(arguments)
    repeats = 2 if options.tiny else options.repeats
    try:
        device = claim_device(options.device, World())
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data, files = _people(folder, tiny=options.tiny)
            steps = 1 if options.tiny else 6 * options.workers
            plan = {"steps": steps, "warmup": 1 if options.tiny else 10}
            Task(files, _overrides(files, options), device.type, **plan).write(folder)
            with both_sides(*MODULES, options.mmpose_python, folder) as (sides, notes):
                measurements = measure(sides, repeats)
            settings = {**plan, "repeats": repeats, "num_workers": options.workers, "people": data}
            publish_comparison(
                options.name,
                options,
                sides,
                measurements,
                plan=settings,
                notes=[*NOTES, *notes, *promises(measurements)],
                device=device,
            )
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = comparison_parser("Measure a training fed by PoseForge and by MMPose.")
    add_training_options(parser, name="resnet50_coco")
    return parser.parse_args(arguments)


def _people(folder: Path, *, tiny: bool) -> tuple[str, dict[str, str]]:
    """Return what the people are, and where their COCO file and its images are."""
    if not tiny:
        for name in ("coco", "coco_mini"):
            root = data_folder() / name
            if root.is_dir():
                return name, {
                    "annotations": str(root / "annotations/person_keypoints_train2017.json"),
                    "images": f"{root / 'train2017'}/",
                }
    return "made up", coco_photographs(8 if tiny else 256, folder)


def _overrides(files: dict[str, str], options: argparse.Namespace) -> list[str]:
    """Return the config's overrides for both sides."""
    people: dict[str, Any] = {"type": "CocoStyle", **files, "skeleton": "coco17"}
    ratio = max(1.0, SAMPLES / len(CocoStyle(**files, skeleton="coco17")))
    dataset = {"type": "Combined", "datasets": [people], "ratios": [ratio]}
    size = (192, 256)  # of MMPose's pipeline, at tiny size too
    tiny = [*tiny_overrides(CONFIG), f"codec.input_size={size}"] if options.tiny else []
    fast = ["train_cfg.channels_last=True", "train_cfg.compile=default"]
    return [
        *(tiny or fast),  # a trial compiles nothing: that takes minutes, however small the model
        f"train_dataloader.transforms.0.size={size}",
        f"train_dataloader.batch_size={2 if options.tiny else BATCH}",
        f"train_dataloader.num_workers={options.workers}",
        f"train_dataloader.dataset={dataset}",
        "optim_wrapper.amp=bf16",
    ]


def measure(sides: Sides, repeats: int) -> list[Measurement]:
    """Return images a second of every side's cases, all asked in turn, and ours by MMPose's."""
    rates: dict[tuple[str, str], list[float]] = {
        (name, case): [] for name, side in sides.items() for case in side.cases
    }
    for repeat in range(1 + repeats):  # the first warms up: caches are made, networks compiled
        for (name, case), values in rates.items():
            (found,) = sides[name].ask(what="numbers", case=case, input="people")
            if repeat:
                values.append(found)
    items = {
        (name, case): measurement(f"{case}: {name}", "images/s", values)
        for (name, case), values in rates.items()
    }
    theirs = [item for (name, _), item in items.items() if name == THEIRS]
    return [
        *items.values(),
        *(
            ratio(f"{item['name']} ÷ {THEIRS}", item, other)
            for other in theirs
            for (name, _), item in items.items()
            if name == OURS
        ),
    ]


def promises(measurements: Sequence[Measurement]) -> Iterator[str]:
    """Say of each way to feed whether the promise is kept, by the median ratio."""
    for item in measurements:
        if item["name"].startswith("loader") and item["name"].endswith(f"÷ {THEIRS}"):
            verdict = "kept" if item["median"] >= LEAST else "NOT KEPT"
            yield f"{item['name']}: {item['median']:.2f}, promised {LEAST:g}, {verdict}"


if __name__ == "__main__":
    sys.exit(main())
