"""Result files: measurements, with all that a reader must know to believe and to repeat them.

One JSON file a result: `new_result` fills in commit, versions and machine, `write_result` writes
it, `read_result` reads it and refuses what is incomplete.
"""

import json
import math
import os
import platform
import re
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias, TypedDict, cast

import torch

from poseforge.engine.manifest import command_text, cpu_model
from poseforge.engine.manifest import commit as current_commit
from poseforge.files import write_text

PACKAGES = ("torch", "numpy", "mmengine-lite", "opencv-python-headless")
Kinds: TypeAlias = type | tuple[type, ...]


class Machine(TypedDict):
    """Where a result was measured; `gpu` is None where none was used."""

    cpu: str
    cores: int
    gpu: str | None


class Measurement(TypedDict):
    """Raw repeats of one timing, with their median, smallest and largest."""

    name: str
    unit: str
    values: list[float]
    median: float
    low: float
    high: float


class Result(TypedDict):
    """A result file, as far as all kinds of results have it."""

    schema: int
    kind: str
    name: str
    commit: str | None
    date: str
    versions: dict[str, str | None]
    machine: Machine
    command: str
    settings: dict[str, Any]
    measurements: list[Measurement]
    notes: list[str]


REQUIRED: dict[str, Kinds] = {
    "schema": int,
    "kind": str,
    "name": str,
    "commit": (str, type(None)),
    "date": str,
    "versions": dict,
    "machine": dict,
    "command": str,
    "settings": dict,
    "measurements": list,
    "notes": list,
}


def new_result(
    kind: str,
    name: str,
    *,
    device: torch.device,
    settings: Mapping[str, Any],
    measurements: Sequence[Measurement] = (),
    commit: str | None = None,
) -> Result:
    """Return a result with today's day, this machine and this environment filled in.

    Args:
        kind: "speed" for timings; others are named where they are made.
        name: What was measured.
        device: Where the model ran; its GPU names the machine.
        settings: Everything that changes the numbers.
        measurements: Timings, or what can be reached at most.
        commit: The source's commit where git cannot tell it; None asks git.
    """
    return {
        "schema": 1,
        "kind": kind,
        "name": name,
        "commit": commit or current_commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version(), **{p: _version(p) for p in PACKAGES}},
        "machine": this_machine(device),
        "command": command_text(sys.orig_argv[1:]),
        "settings": dict(settings),
        "measurements": list(measurements),
        "notes": [],
    }


def measurement(name: str, unit: str, values: Sequence[float]) -> Measurement:
    """Return repeats with their median, smallest and largest."""
    return {
        "name": name,
        "unit": unit,
        "values": [float(value) for value in values],
        "median": float(statistics.median(values)),
        "low": float(min(values)),
        "high": float(max(values)),
    }


def ratio(name: str, above: Measurement, below: Measurement) -> Measurement:
    """Return the ratios, round by round, of two timings that alternated in one run."""
    pairs = zip(above["values"], below["values"], strict=True)
    return measurement(name, "×", [a / b for a, b in pairs])


def this_machine(device: torch.device) -> Machine:
    """Return what this machine is."""
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {"cpu": cpu_model(), "cores": len(os.sched_getaffinity(0)), "gpu": gpu}


def file_name(name: str, machine: Machine) -> str:
    """Return `<name>--<machine>.json`, the machine being the GPU used, else the processor."""
    slug = re.sub(r"[^a-z0-9]+", "-", (machine["gpu"] or machine["cpu"]).lower()).strip("-")
    return f"{name}--{slug}.json"


def write_result(result: Result, path: Path) -> None:
    """Write a result file.

    Raises:
        ValueError: The result is not complete; nothing is written.
        OSError: The file cannot be written.
    """
    check_result(result, path.name)
    write_text(path, json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_result(path: Path) -> Result:
    """Read a result file.

    Raises:
        ValueError: It is not JSON, or not complete.
    """
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(result, dict):
        raise ValueError(f"{path.name} holds a {type(result).__name__}; it must hold an object")
    check_result(cast(Result, result), path.name)
    return cast(Result, result)


def check_result(result: Result, name: str) -> None:
    """See that a result is complete, as far as all kinds of results have the same.

    Args:
        result: The result.
        name: What a message calls it.

    Raises:
        ValueError: It is not; the message says what is missing or wrong.
    """
    check_fields(result, REQUIRED, name)
    if result["schema"] != 1:
        raise ValueError(f"{name}: schema {result['schema']} is not known; use schema 1")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", result["date"]):
        raise ValueError(f"{name}: date '{result['date']}' is not a day such as 2025-01-31")
    check_fields(result["machine"], {"cpu": str, "cores": int, "gpu": (str, type(None))}, name)
    if "python" not in result["versions"] or "torch" not in result["versions"]:
        raise ValueError(f"{name}: versions must tell python's and torch's")
    for item in result["measurements"]:
        _check_measurement(item, name)


def check_fields(values: Mapping[str, Any], fields: Mapping[str, Kinds], name: str) -> None:
    """See that values are there and of their kinds.

    Raises:
        ValueError: One is not.
    """
    for field, kinds in fields.items():
        if field not in values:
            raise ValueError(f"{name}: '{field}' is missing")
        if not isinstance(values[field], kinds):
            raise ValueError(f"{name}: '{field}' cannot be a {type(values[field]).__name__}")


def _check_measurement(item: Measurement, name: str) -> None:
    number = (int, float)
    fields: dict[str, Kinds] = {"name": str, "unit": str, "values": list}
    check_fields(item, {**fields, "median": number, "low": number, "high": number}, name)
    values = item["values"]
    if not values or not all(isinstance(v, number) and math.isfinite(v) for v in values):
        raise ValueError(f"{name}: '{item['name']}' needs its raw repeats as finite numbers")
    expected = measurement(item["name"], item["unit"], values)
    for key in ("median", "low", "high"):
        if not math.isclose(item[key], expected[key], rel_tol=1e-9):
            raise ValueError(f"{name}: the {key} of '{item['name']}' is not that of its values")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
