"""A profile as files: JSON for programs, and CSV for a spreadsheet."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from poseforge.files import write_text
from poseforge.profiling.outputs.layer_tree import launches
from poseforge.profiling.record import Layer, Profile

COLUMNS: dict[str, Callable[[Layer], object]] = {
    "layer": lambda layer: layer.name,
    "kind": lambda layer: layer.kind,
    "depth": lambda layer: layer.depth,
    "calls": lambda layer: layer.calls,
    "parameters": lambda layer: layer.parameters,
    "forward_seconds_median": lambda layer: layer.forward_s.median,
    "forward_seconds_low": lambda layer: layer.forward_s.low,
    "forward_seconds_high": lambda layer: layer.forward_s.high,
    "backward_seconds_median": lambda layer: layer.backward_s and layer.backward_s.median,
    "backward_seconds_low": lambda layer: layer.backward_s and layer.backward_s.low,
    "backward_seconds_high": lambda layer: layer.backward_s and layer.backward_s.high,
    "own_seconds_median": lambda layer: layer.own_s.median,
    "own_seconds_low": lambda layer: layer.own_s.low,
    "own_seconds_high": lambda layer: layer.own_s.high,
    "share_of_step": lambda layer: layer.share,
    "host_seconds": lambda layer: layer.host_s,
    "kernel_seconds": lambda layer: layer.kernel_s,
    "kernel_launches": launches,
    "operations": lambda layer: layer.work.operations,
    "flops": lambda layer: layer.work.flops,
    "read_bytes": lambda layer: layer.work.read_bytes,
    "written_bytes": lambda layer: layer.work.written_bytes,
    "limit_seconds": lambda layer: layer.limit and layer.limit.seconds,
    "limit_arithmetic_seconds": lambda layer: layer.limit and layer.limit.arithmetic_s,
    "limit_memory_seconds": lambda layer: layer.limit and layer.limit.memory_s,
    "limit_launch_seconds": lambda layer: layer.limit and layer.limit.launch_s,
    "bound": lambda layer: layer.limit and layer.limit.bound,
    "fraction_of_limit": lambda layer: layer.of_limit,
    "peak_bytes": lambda layer: layer.peak_bytes,
    "advice": lambda layer: layer.advice and layer.advice.text,
    "advice_gain_seconds": lambda layer: layer.advice and layer.advice.gain_s,
}


def write_json(profile: Profile, path: Path) -> None:
    """Write all of a profile, as `Profile.as_json` gives it."""
    text = json.dumps(profile.as_json(), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def write_csv(profile: Profile, path: Path) -> None:
    """Write a row a layer, in the tree's order and in base units; what is not known is empty."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([column(layer) for column in COLUMNS.values()] for layer in profile.layers)
    write_text(path, text.getvalue())
