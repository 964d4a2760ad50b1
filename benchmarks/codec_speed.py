"""Time of encoding and decoding heatmaps, and of MMPose's codecs where an environment has it.

    python -m benchmarks.codec_speed --mmpose-python mmpose-venv/bin/python

17 keypoints on maps of 64 × 48 cells. How the two sides are compared is in `beside_mmpose`. Before
they are timed both must give the same heatmaps within 1e-6 and the same points within 1e-3 px.
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
from benchmarks.made_up_heatmaps import anywhere, near_border
from poseforge.profiling.result_file import Measurement, measurement, ratio

NOTES = (
    "Times are the processor's, of one thread; MMPose takes the people one after the other.",
    "Equal: heatmaps within 1e-6, points within 1e-3 px, on noisy maps of points 9 cells from the "
    "border or more. Nearer, DARK differs: MMPose's kernel is cut by the border and pulls points "
    "inward, ours is as narrow as the border leaves room for on both sides. MMPose's offset of a "
    "quarter leaves the second row and column alone, the released code it is from does not.",
    '"Centres rounded" is MMPose\'s default target, whose points are moved to the next cell; it is '
    "held against ours, which are not moved.",
)
# What a function of MMPose's is held against: ours, and how many times as long theirs should take.
RIVALS = {
    "encode": ("encode", 12),
    "encode, centres rounded": ("encode", None),
    "decode, quarter offset": ("decode, quarter offset", 3),
    "decode, DARK": ("decode, DARK", 10),
}
BORDER = "decode, DARK, mean error half to two sigma from the border"
Found = Mapping[tuple[str, str], Measurement]  # of a case and a side


@dataclass(frozen=True)
class Plan:
    """What is measured and how often.

    Attributes:
        people: In a batch.
        repeats: Timings of each function.
        least: Seconds of a timing: short functions are called again and again.
    """

    people: int
    repeats: int
    least: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = comparison_parser("Measure the time of encoding and decoding heatmaps.")
    options = parser.parse_args(arguments)
    plan = Plan(2, 2, 0) if options.tiny else Plan(64, options.repeats, 0.5)
    modules = "benchmarks.poseforge_codecs", "benchmarks.mmpose_codecs"
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            np.savez(folder / "people.npz", **anywhere(plan.people, margin=0))
            np.savez(folder / "inside.npz", **anywhere(plan.people, margin=9))
            np.savez(folder / "border.npz", **near_border(plan.people))
            with both_sides(*modules, options.mmpose_python, folder) as (sides, notes):
                check_agreement(sides, [("encode", "people")], atol=1e-6)
                decoded = [(case, "inside") for case in sides[OURS].cases if case != "encode"]
                check_agreement(sides, decoded, atol=1e-3)
                found = timings(sides, plan)
                errors = border_errors(sides, plan)
        publish_comparison(
            "codec_speed",
            options,
            sides,
            [*found.values(), *ratios(found), *errors],
            plan=vars(plan),
            notes=[*NOTES, *notes, *floors(ratios(found))],
        )
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def timings(sides: Sides, plan: Plan) -> Found:
    """Time all functions of all sides, in turn."""
    keys = [(case, name) for case in RIVALS for name in sides if case in sides[name].cases]
    rounds = [
        {
            (case, name): 1000
            * sides[name].ask(what="seconds", case=case, input="people", least=plan.least)
            for case, name in keys
        }
        for _ in range(plan.repeats + 1)
    ][1:]  # the first round warms up
    return {
        key: measurement(": ".join(key), "ms", [times[key] for times in rounds]) for key in keys
    }


def ratios(found: Found) -> list[Measurement]:
    """Return how many times as long MMPose's functions take as ours."""
    return [
        ratio(f"{case}: {THEIRS} ÷ {OURS}", found[case, THEIRS], found[ours, OURS])
        for case, (ours, _) in RIVALS.items()
        if (case, THEIRS) in found
    ]


def border_errors(sides: Sides, plan: Plan) -> list[Measurement]:
    """Return how far each side's points are from the true ones near the border, where DARK errs."""
    truth = near_border(plan.people)["keypoints"].reshape(-1, 2)
    found = {
        name: np.reshape(side.ask(what="numbers", case="decode, DARK", input="border"), (-1, 2))
        for name, side in sides.items()
    }
    return [
        measurement(f"{BORDER}: {name}", "px", [float(np.hypot(*(points - truth).T).mean())])
        for name, points in found.items()
    ]


def floors(found: Sequence[Measurement]) -> list[str]:
    """Say of each promise whether it is kept."""
    medians = {item["name"]: item["median"] for item in found}
    return [
        f"{case} at least {least} times as fast as MMPose's: {median:.1f}, "
        f"{'kept' if median >= least else 'NOT KEPT'}"
        for case, (_, least) in RIVALS.items()
        if least is not None
        for median in [medians.get(f"{case}: {THEIRS} ÷ {OURS}")]
        if median is not None
    ]


if __name__ == "__main__":
    sys.exit(main())
