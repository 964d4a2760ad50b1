"""Time and memory of every metric, and of MMPose's where an environment has it.

    python -m benchmarks.metric_speed --mmpose-python mmpose-venv/bin/python

How the two sides are compared is in `beside_mmpose`. Times are the processor's, memory is what a
call adds to what is resident.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.beside_mmpose import (
    OURS,
    THEIRS,
    Sides,
    both_sides,
    check_agreement,
    comparison_parser,
    publish_comparison,
)
from benchmarks.made_up_people import made_up
from poseforge.profiling.result_file import Measurement, measurement, ratio
from poseforge.structures import SKELETONS

Key = tuple[str, int, str]  # a function, a number of people and a side
# MPII's people are alone in their images, as most are; COCO's come in twos.
PEOPLE_PER_IMAGE = {"mpii16": 1, "coco17": 2}
OF_COCO = ("OKSAP", "error kinds")
VAL = 2958  # people of MPII's validation set
WARM_UP = 20  # people of the first call, which imports what is imported at first use

NOTES = (
    "Times are the processor's, of one thread. \"All numbers\" are a metric's numbers without "
    "intervals: of each joint, group and threshold. All people are made up; OKSAP has one pose for "
    "each of them, where a detector finds more. MMPose's has read the annotations before the clock "
    "starts, and does not suppress similar poses, which is no part of ours.",
    "Memory is by how much one call in a fork of the process raises what is resident at its peak. "
    "About 2.5 MB of it are there whatever is called: the fork's own copies of what it touches.",
)
CURVE, REPORT = "PCKh with its curve", "PCKh with 1000 resamples"
PRECISION = "OKSAP, all numbers"
# How near numbers must be, absolutely and relatively.
NEAR = {PRECISION: 1e-9}
# What a function of MMPose's is held against besides ours that computes the same.
RIVALS = {CURVE: ("PCKh, all numbers", REPORT), PRECISION: ("OKSAP by pycocotools",)}


@dataclass(frozen=True)
class Plan:
    """What is measured and how often.

    Attributes:
        sizes: Numbers of people.
        val: The number of people that the floor of resampling is measured at.
        repeats: Timings of each function.
        least: Seconds of a timing: short functions are called again and again.
    """

    sizes: Sequence[int]
    val: int
    repeats: int
    least: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    options = comparison_parser("Measure time and memory of all metrics.").parse_args(arguments)
    plan = Plan((5_000, 50_000), VAL, options.repeats, 0.2)
    if options.tiny:
        plan = Plan((40,), 30, 2, 0)
    modules = "benchmarks.poseforge_metrics", "benchmarks.mmpose_metrics"
    try:
        with tempfile.TemporaryDirectory() as name:
            _write_arrays(plan, Path(name))
            with both_sides(*modules, options.mmpose_python, Path(name)) as (sides, notes):
                measurements = measure(sides, plan)
        publish_comparison(
            "metric_speed",
            options,
            sides,
            measurements,
            plan={**vars(plan), "people_per_image": PEOPLE_PER_IMAGE},
            notes=[*NOTES, *notes, *floors(measurements, plan.sizes, plan.val)],
        )
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _write_arrays(plan: Plan, folder: Path) -> None:
    for skeleton, together in PEOPLE_PER_IMAGE.items():
        for people in {*plan.sizes, plan.val, WARM_UP}:
            arrays = made_up(people, SKELETONS[skeleton].num_keypoints, together)
            np.savez(folder / f"{skeleton}-{people}.npz", **arrays)


def _input(case: str, people: int) -> str:
    return f"{'coco17' if case.startswith(OF_COCO) else 'mpii16'}-{people}"


def measure(sides: Sides, plan: Plan) -> list[Measurement]:
    """Measure all functions of all sides: memory, whether they agree, then time, in turn."""
    keys = [
        (case, people, name)
        for case, people in [
            *((case, people) for people in plan.sizes for case in sides[OURS].cases),
            (REPORT, plan.val),
        ]
        for name, side in sides.items()
        if case in side.cases
    ]

    def ask(what: str, case: str, people: int, side: str) -> float:
        return sides[side].ask(what=what, case=case, input=_input(case, people), least=plan.least)

    for case, _, side in keys:
        ask("numbers", case, WARM_UP, side)
    # Before the rest: what a process has freed earlier would be used again without being seen.
    memory = {key: ask("memory", *key) for key in keys}
    for case in sides[OURS].cases:
        near = NEAR.get(case, 1e-6)
        asked = [(case, _input(case, people)) for people in plan.sizes]
        check_agreement(sides, asked, atol=near, rtol=near)
    rounds = [{key: 1000 * ask("seconds", *key) for key in keys} for _ in range(plan.repeats)]
    found = {key: measurement(_title(*key), "ms", [times[key] for times in rounds]) for key in keys}
    items = []
    for key, item in found.items():
        peak = measurement(f"{_title(*key)}, peak memory", "MB", [memory[key]])
        items += [item, peak, *_ratios(key, found)]
    return items


def _title(case: str, people: int, side: str) -> str:
    return f"{case}, {people} people: {side}"


def _ratios(key: Key, found: Mapping[Key, Measurement]) -> list[Measurement]:
    """Return how many times as long MMPose's function takes as ours."""
    case, people, side = key
    if side != THEIRS:
        return []
    return [
        ratio(
            f"{_title(*key)} ÷ {OURS}'s {ours}" if ours != case else f"{_title(*key)} ÷ {OURS}",
            found[key],
            found[ours, people, OURS],
        )
        for ours in (case, *RIVALS.get(case, ()))
    ]


def floors(measurements: Sequence[Measurement], sizes: Sequence[int], val: int) -> list[str]:
    """Say of each promise whether it is kept."""
    medians = {item["name"]: item["median"] for item in measurements}
    promises = ((CURVE, max(sizes), 500), (REPORT, val, 1000))
    return [
        f"{case}, {people} people, in less than {most} ms: {median:.0f} ms, "
        f"{'kept' if median < most else 'NOT KEPT'}"
        for case, people, most in promises
        for median in [medians[_title(case, people, OURS)]]
    ]


if __name__ == "__main__":
    sys.exit(main())
