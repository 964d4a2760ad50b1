"""What scripts that measure time or memory share: their options, and the result file at the end."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.result import RESULTS, write_result
from poseforge.profiling.result_file import Measurement, new_result

CPU = torch.device("cpu")


def options_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that every script has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--tiny", action="store_true", help="seconds, to try this out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--commit", help="the commit, on a machine without git")
    return parser


def add_training_options(parser: argparse.ArgumentParser, *, name: str) -> None:
    """Add what scripts that time a training take: the result's name, the device, the workers."""
    parser.add_argument("--name", default=name, help="what the result is called")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument(
        "--workers",
        type=int,
        default=max(1, len(os.sched_getaffinity(0)) - 2),
        help="loader processes; default all cores but two",
    )


def publish(
    name: str,
    options: argparse.Namespace,
    measurements: Sequence[Measurement],
    *,
    settings: Mapping[str, Any],
    notes: Sequence[str] = (),
    device: torch.device = CPU,
) -> None:
    """Print the medians and notes, and write the result file."""
    result = new_result(
        "speed",
        name,
        device=device,
        settings={**settings, "tiny": options.tiny},
        measurements=measurements,
        commit=options.commit,
    )
    result["notes"] = list(notes)
    for item in measurements:
        print(f"{item['name']}: {item['median']:.4g} {item['unit']}")
    print(*notes, sep="\n")
    print(f"wrote {write_result(result, options.out)}")
