"""Time of the model that ships, and of MMPose's smallest RTMPose, on one core.

    python -m benchmarks.shipped_speed --mmpose-python mmpose-venv/bin/python

They are different networks for different keypoints: 14 of LSP at 128 x 128 here, 17 of COCO at
256 x 192 with random weights there. Both are asked end to end, from an image as an array and boxes
to points in it, for one person and for 16 in one image; times are the processor's, of one thread.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.beside_mmpose import OURS, THEIRS, both_sides, comparison_parser, publish_comparison
from benchmarks.crowd import crowd
from poseforge.profiling.result_file import Measurement, measurement, ratio

PEOPLE = (1, 16)
NAMES = {OURS: "PoseForge's compact model", THEIRS: "MMPose's RTMPose-t"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = comparison_parser("Measure the time of the model that ships.")
    parser.add_argument("--checkpoint", type=Path, help="in place of the model that ships")
    options = parser.parse_args(arguments)
    repeats = 1 if options.tiny else options.repeats
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for count in PEOPLE:
                np.savez(folder / f"{count}.npz", **crowd(count))
            if options.checkpoint is not None:
                (folder / "checkpoint.pth").symlink_to(options.checkpoint.resolve())
            modules = "benchmarks.poseforge_shipped", "benchmarks.mmpose_rtmpose"
            with both_sides(*modules, options.mmpose_python, folder) as (sides, notes):
                rounds = [
                    {
                        (count, side): process.ask(
                            what="numbers", case="latencies", input=str(count)
                        )
                        for count in PEOPLE
                        for side, process in sides.items()
                    }
                    for _ in range(repeats)
                ]
                publish_comparison(
                    "shipped_speed",
                    options,
                    sides,
                    measurements(rounds),
                    plan={"people": PEOPLE, "repeats": repeats},
                    notes=notes,
                )
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def measurements(rounds: Sequence[dict[tuple[int, str], list[float]]]) -> list[Measurement]:
    """Return latencies of one person, and people a second of many.

    Args:
        rounds: The seconds of all calls, by people and side, of each round.
    """
    items = []
    rates = {}
    for count, side in rounds[0]:
        calls = [found[count, side] for found in rounds]
        if count == 1:
            for quantile in (50, 95):
                values = [1e3 * float(np.percentile(times, quantile)) for times in calls]
                items.append(measurement(f"one person, p{quantile}: {NAMES[side]}", "ms", values))
        else:
            values = [count / float(np.median(times)) for times in calls]
            title = f"{count} people in one batch: {NAMES[side]}"
            rates[side] = measurement(title, "people/s", values)
            items.append(rates[side])
    if THEIRS in rates:
        items.append(ratio(f"{NAMES[OURS]} ÷ {NAMES[THEIRS]}, people/s", *rates.values()))
    return items


if __name__ == "__main__":
    sys.exit(main())
