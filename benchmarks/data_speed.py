"""Samples a second of one worker core beside MMPose's, and images a second of whole loaders.

    python -m benchmarks.data_speed --mmpose-python mmpose-venv/bin/python

How the two sides are compared is in `beside_mmpose`; they read the same images, and times are the
processor's. Both augment as MMPose's
`td-hm_res50_8xb64-210e_coco-256x192.py` does: half body, scale, rotation, shift and flip, colours
as they are, crops of 256 x 192. MMPose's side makes heatmaps as well; in PoseForge that is the
device's work, and a row of its own says what it costs on the same core.
"""

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.beside_mmpose import (
    OURS,
    THEIRS,
    Sides,
    both_sides,
    comparison_parser,
    publish_comparison,
)
from benchmarks.result import Measurement, measurement, ratio
from poseforge.datasets import CocoStyle, Combined, build_loader
from poseforge.datasets.root import data_folder
from poseforge.transforms import Flip, RandomCrop, read_size

MODULES = "benchmarks.poseforge_data", "benchmarks.mmpose_data"
FLOOR = "JPEG decode and one warp alone"
PROMISES = {"samples, images decoded whole": 1.8, "samples": 2.3}  # times as fast as MMPose
NOTES = (
    "Samples of one core: processor time of one thread, page cache warm. Images of a loader: wall "
    "time, the workers' start left out.",
    "COCO are the people of coco_mini; MPII the five of mpii_sample, of 1280 x 720 "
    "pixels and whose people are large, written as a COCO file with a 17th joint that nobody has.",
    "JPEG decode and one warp alone: images decoded whole, no augmentation, no bookkeeping. Most "
    "of COCO's people are smaller than the crop, so that few of its images can be read reduced, "
    "and of a reduced decode's time most is the entropy code, which is read whole.",
)


@dataclass(frozen=True)
class Plan:
    """What is measured and how often.

    Attributes:
        repeats: Timings of each case.
        least: Seconds of a timing: short passes are repeated.
        images: How many images a loader gives in a timing.
        workers: Numbers of loader processes.
        sizes: (width, height) of the loaders' crops.
    """

    repeats: int
    least: float
    images: int
    workers: Sequence[int] = (1, 2)
    sizes: Sequence[tuple[int, int]] = ((192, 256), (288, 384))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = comparison_parser("Measure the speed of the data side.", repeats=7)
    options = parser.parse_args(arguments)
    plan = Plan(options.repeats, 1.0, 2048)
    if options.tiny:
        plan = Plan(2, 0, 8, workers=(1,), sizes=((48, 64),))
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = _made_up(folder) if options.tiny else _real(folder)
            (folder / "data.json").write_text(json.dumps(data))
            with both_sides(*MODULES, options.mmpose_python, folder) as (sides, notes):
                measurements = one_core(sides, list(data), plan)
            measurements += loaders(data, plan)
        publish_comparison(
            "data_speed",
            options,
            sides,
            measurements,
            plan=vars(plan),
            notes=[*NOTES, *notes, *promises(measurements)],
        )
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _real(folder: Path) -> dict[str, dict[str, str]]:
    """Return the files of COCO and, as a COCO file, of MPII."""
    coco, mpii = data_folder() / "coco_mini", data_folder() / "mpii_sample"
    rows = json.loads((mpii / "annotations.json").read_text())
    people = [
        (row["image"], np.array(row["center"]) - 1, 100 * row["scale"], np.array(row["joints"]) - 1)
        for row in rows
    ]
    _write_coco(folder / "mpii.json", mpii / "images", people)
    return {
        "COCO": {
            "annotations": str(coco / "annotations/person_keypoints_train2017.json"),
            "images": f"{coco / 'train2017'}/",
        },
        "MPII": {"annotations": str(folder / "mpii.json"), "images": f"{mpii / 'images'}/"},
    }


def _made_up(folder: Path) -> dict[str, dict[str, str]]:
    """Return the files of two made-up pictures with a person each."""
    rng = np.random.default_rng(0)
    for name in ("a.jpg", "b.jpg"):
        noise = rng.integers(256, size=(400, 600, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / name), cv2.GaussianBlur(noise, (0, 0), 3))
    people = [
        (name, np.array([300.0, 200.0]), 180.0, rng.uniform(100, 300, (16, 2)))
        for name in ("a.jpg", "b.jpg")
    ]
    _write_coco(folder / "made_up.json", folder, people)
    return {"made-up": {"annotations": str(folder / "made_up.json"), "images": f"{folder}/"}}


def _write_coco(path: Path, images: Path, people: Sequence[tuple]) -> None:
    """Write people of 16 joints as a COCO file of 17, the last not labelled.

    Args:
        path: Where to.
        images: The folder of their images.
        people: Image name, middle (2,), half a box's side and joints (16, 2) of each.
    """
    sizes = [read_size(images / name) for name, *_ in people]
    document = {
        "images": [
            {"id": n, "file_name": name, "width": size[0], "height": size[1]}
            for n, ((name, *_), size) in enumerate(zip(people, sizes, strict=True))
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": [], "skeleton": []}],
        "annotations": [
            {
                "id": n,
                "image_id": n,
                "category_id": 1,
                "iscrowd": 0,
                "area": 2 * half * half,
                "bbox": [*(middle - half).tolist(), 2 * half, 2 * half],
                "num_keypoints": 16,
                "keypoints": [*np.insert(joints, 2, 2, axis=1).ravel().tolist(), 0, 0, 0],
            }
            for n, (_, middle, half, joints) in enumerate(people)
        ],
    }
    path.write_text(json.dumps(document))


def one_core(sides: Sides, inputs: Sequence[str], plan: Plan) -> list[Measurement]:
    """Return samples a second of every case, side and input, all asked in turn, and ratios."""
    keys = [
        (source, case, name)
        for source in inputs
        for name, side in sides.items()
        for case in side.cases
    ]

    def ask(what: str, source: str, case: str, side: str) -> float | list[float]:
        return sides[side].ask(what=what, case=case, input=source, least=plan.least)

    counts = {key: ask("numbers", *key)[0] for key in keys}  # the warm-up, too
    rounds = [
        {key: counts[key] / ask("seconds", *key) for key in keys} for _ in range(plan.repeats)
    ]
    found = {
        (source, case, side): measurement(
            f"{source}, {case}: {side}",
            "samples/s",
            [rates[source, case, side] for rates in rounds],
        )
        for source, case, side in keys
    }
    items = []
    for (source, _, side), item in found.items():
        items.append(item)
        rivals = {
            THEIRS: found.get((source, "samples", THEIRS)),
            FLOOR: found[source, FLOOR, OURS],
        }
        items += [
            ratio(f"{item['name']} ÷ {rival}", item, other)
            for rival, other in rivals.items()
            if other is not None and other is not item and not (side == THEIRS == rival)
        ]
    return items


def loaders(data: Mapping[str, Mapping[str, str]], plan: Plan) -> list[Measurement]:
    """Return images a second of loaders of the first input, by workers and crop size, in turn."""
    files = next(iter(data.values()))
    people = CocoStyle(files["annotations"], files["images"], skeleton="coco17")
    repeated = Combined([people], [3 * plan.images / len(people)])
    rates: dict[str, list[float]] = {}
    for _ in range(plan.repeats):
        for size in plan.sizes:
            for workers in plan.workers:
                name = f"loader, {workers} workers, {size[0]} x {size[1]} pixels"
                rates.setdefault(name, []).append(_loader_rate(repeated, size, workers, plan))
    return [measurement(name, "images/s", values) for name, values in rates.items()]


def _loader_rate(people: Combined, size: tuple[int, int], workers: int, plan: Plan) -> float:
    batch_size = min(64, plan.images // 2)
    transforms = [RandomCrop(size), Flip("coco17")]
    loader = build_loader(
        people, transforms, batch_size=batch_size, num_workers=workers, train=True
    )
    batches = iter(loader)
    for _ in range(2 * workers + 1):  # what is ready when the clock starts was not made in its time
        next(batches)
    start = time.perf_counter()
    for _ in range(plan.images // batch_size):
        next(batches)
    rate = plan.images // batch_size * batch_size / (time.perf_counter() - start)
    batches._shutdown_workers()
    return rate


def promises(measurements: Sequence[Measurement]) -> list[str]:
    """Say of each promise whether it is kept, by the median ratio."""
    found = {item["name"]: item["median"] for item in measurements}
    return [
        f"{name}: {median:.2f} times as fast, promised {least}, "
        f"{'kept' if median >= least else 'NOT KEPT'}"
        for case, least in PROMISES.items()
        for name, median in found.items()
        if name.endswith(f", {case}: {OURS} ÷ {THEIRS}")
    ]


if __name__ == "__main__":
    sys.exit(main())
