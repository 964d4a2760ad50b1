"""Samples a second of one worker core beside MMPose's.

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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.beside_mmpose import (
    OURS,
    THEIRS,
    Sides,
    both_sides,
    comparison_parser,
    publish_comparison,
)
from benchmarks.made_up_photographs import coco_photographs
from poseforge.datasets.root import data_folder
from poseforge.formats import Annotations, Images, write_coco
from poseforge.profiling.result_file import Measurement, measurement, ratio
from poseforge.structures import SKELETONS, People
from poseforge.transforms import read_size

MODULES = "benchmarks.poseforge_data", "benchmarks.mmpose_data"
FLOOR = "JPEG decode and one warp alone"
PROMISES = {"samples, none read reduced": 1.8, "samples": 2.3}  # times as fast as MMPose
NOTES = (
    "Processor time of one thread, page cache warm.",
    "COCO are the people of coco_mini; MPII the five of mpii_sample, of 1280 x 720 "
    "pixels and whose people are large, written as a COCO file with a 17th joint that nobody has.",
    "JPEG decode and one warp alone: images decoded whole, no augmentation, no bookkeeping. Most "
    "of COCO's people are smaller than the crop, so that few of its images can be read reduced; "
    "of most a part is decoded, for which the package turbojpeg must be installed. Samples with "
    "images decoded whole are those without it.",
)


@dataclass(frozen=True)
class Plan:
    """What is measured and how often.

    Attributes:
        repeats: Timings of each case.
        least: Seconds of a timing: short passes are repeated.
    """

    repeats: int
    least: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = comparison_parser("Measure the speed of the data side.", repeats=7)
    options = parser.parse_args(arguments)
    plan = Plan(2, 0) if options.tiny else Plan(options.repeats, 1.0)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = {"made-up": coco_photographs(2, folder)} if options.tiny else _real(folder)
            (folder / "data.json").write_text(json.dumps(data))
            with both_sides(*MODULES, options.mmpose_python, folder) as (sides, notes):
                measurements = one_core(sides, list(data), plan)
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
    _write_mpii(folder / "mpii.json", mpii)
    return {
        "COCO": {
            "annotations": str(coco / "annotations/person_keypoints_train2017.json"),
            "images": f"{coco / 'train2017'}/",
        },
        "MPII": {"annotations": str(folder / "mpii.json"), "images": f"{mpii / 'images'}/"},
    }


def _write_mpii(path: Path, mpii: Path) -> None:
    """Write people of 16 joints as a COCO file of 17, the last not labelled."""
    rows = json.loads((mpii / "annotations.json").read_text())
    joints = np.pad(np.array([row["joints"] for row in rows]) - 1, ((0, 0), (0, 1), (0, 0)))
    middles = np.array([row["center"] for row in rows]) - 1
    halves = 100 * np.array([[row["scale"]] for row in rows])  # of a box's side
    paths = np.array([str(mpii / "images" / row["image"]) for row in rows])
    ids = np.arange(len(rows)).astype(str)
    people = People(
        image_paths=paths,
        keypoints=joints,
        visible=np.broadcast_to(2.0 * (np.arange(17) < 16), joints.shape[:2]),
        boxes=np.concatenate([middles - halves, middles + halves], axis=1),
        ids=ids,
        image_ids=ids,
        areas=2 * halves[:, 0] ** 2,
    )
    sizes = np.array([read_size(image) for image in paths])
    annotations = Annotations(SKELETONS["coco17"], Images(ids, paths, sizes), people)
    write_coco(annotations, path, image_root=mpii / "images")


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
