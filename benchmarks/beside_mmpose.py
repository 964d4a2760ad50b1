"""What comparisons with MMPose share: the two sides, whether they agree, and the result file.

Both sides are processes of one thread that get the same arrays and are asked in turn; see
`timed_calls`. `benchmarks.peers.mmpose` makes an environment with MMPose that has the same numpy
and torch, so that what is compared is code.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.speed_script import CPU, options_parser, publish
from benchmarks.timed_calls import Side
from poseforge.profiling.result_file import Measurement

OURS, THEIRS = "PoseForge", "MMPose"
Sides = Mapping[str, Side]


def comparison_parser(description: str, *, repeats: int = 5) -> argparse.ArgumentParser:
    """Return a parser of the options that every comparison has.

    Args:
        description: What is compared.
        repeats: How many timings there are unless the user says so.
    """
    parser = options_parser(description)
    parser.add_argument("--mmpose-python", help="the Python of an environment with MMPose")
    parser.add_argument("--repeats", type=int, default=repeats, help="timings of each function")
    return parser


@contextmanager
def both_sides(
    ours: str, theirs: str, python: str | None, folder: Path
) -> Iterator[tuple[Sides, list[str]]]:
    """Start both sides, MMPose's where it can be; yield them, and a note where it cannot.

    Args:
        ours: The module that serves PoseForge's functions.
        theirs: The one that serves MMPose's.
        python: The Python of an environment with MMPose.
        folder: What the modules are told.
    """
    with ExitStack() as stack:
        sides = {OURS: stack.enter_context(Side(sys.executable, ours, folder))}
        notes = []
        try:
            if python is None:
                raise RuntimeError("no --mmpose-python was given")
            sides[THEIRS] = stack.enter_context(Side(python, theirs, folder))
        except (RuntimeError, OSError) as error:
            notes.append(f"MMPose was not measured: {error}")
            print(notes[0], file=sys.stderr)
        yield sides, notes


def check_agreement(
    sides: Sides, asked: Iterable[tuple[str, str]], *, atol: float, rtol: float = 0.0
) -> None:
    """Refuse to compare what does not compute the same.

    Args:
        sides: Ours and, perhaps, theirs.
        asked: Cases, each with an input; those that one side has not are left out.
        atol: How far numbers may be apart.
        rtol: How far, as a part of the number.

    Raises:
        ValueError: A number of theirs is not ours.
    """
    for case, given in asked:
        if THEIRS not in sides or not all(case in side.cases for side in sides.values()):
            continue
        ours, theirs = (
            np.array(sides[name].ask(what="numbers", case=case, input=given))
            for name in (OURS, THEIRS)
        )
        if not np.allclose(ours, theirs, rtol=rtol, atol=atol):
            worst = int(np.abs(ours - theirs).argmax())
            raise ValueError(
                f"{case} of {given}: number {worst} is {ours[worst]} here and {theirs[worst]} in "
                "MMPose; only what computes the same can be compared"
            )


def publish_comparison(
    name: str,
    options: argparse.Namespace,
    sides: Sides,
    measurements: Sequence[Measurement],
    *,
    plan: Mapping[str, Any],
    notes: Sequence[str],
    device: torch.device = CPU,
) -> None:
    """Print the medians and notes, and write the result file, which has both sides' versions."""
    settings = {
        "plan": dict(plan),
        "threads": 1,
        "sides": {side: process.versions for side, process in sides.items()},
    }
    publish(name, options, measurements, settings=settings, notes=notes, device=device)
