"""Result files: what a measured claim of the project rests on.

One JSON file a result, `benchmarks/results/<name>--<machine>.json`. Scripts make one with
`new_result` and `write_result`; `check_result` reads one and refuses what is incomplete.
"""

import json
import math
import os
import platform
import re
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypedDict

import torch

from poseforge.engine.manifest import command_text, cpu_model
from poseforge.engine.manifest import commit as current_commit
from poseforge.files import write_text

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("torch", "numpy", "mmengine-lite", "opencv-python-headless")


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


class Result(TypedDict, total=False):
    """A result file; `rows` and `training` belong to the kind "accuracy" and are required there.

    `rows` are those of the tools' report.json (label, metric, people, values, intervals, columns,
    notes), each with its `protocol`. `training` is what the run's manifest knows.
    """

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
    rows: list[dict[str, Any]]
    training: dict[str, Any]
    errors: dict[str, Any]


REQUIRED: dict[str, type | tuple[type, ...]] = {
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
OF_ACCURACY: dict[str, type | tuple[type, ...]] = {"rows": list, "training": dict}
OF_ROW: dict[str, type | tuple[type, ...]] = {
    "label": str,
    "metric": str,
    "people": int,
    "values": dict,
    "intervals": dict,
    "protocol": str,
}
OF_AGREEMENT: dict[str, type | tuple[type, ...]] = {
    "predictions": str,
    "number": str,
    "published": (int, float),
    "source": str,
    "measured": (int, float),
    "low": (int, float),
    "high": (int, float),
    "equal": bool,
    "metric": str,
}
OF_TRAINING = ("commit", "seed", "data", "iterations", "planned_iterations")


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
        kind: "accuracy", "agreement", "ceiling" or "speed".
        name: What was measured; the file is named after it.
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
        "date": datetime.now(timezone.utc).date().isoformat(),
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


def file_name(result: Result) -> str:
    """Return `<name>--<machine>.json`."""
    machine = result["machine"]["gpu"] or result["machine"]["cpu"]
    slug = re.sub(r"[^a-z0-9]+", "-", machine.lower()).strip("-")
    return f"{result['name']}--{slug}.json"


def write_result(result: Result, folder: Path = RESULTS) -> Path:
    """Write a result file and check it.

    Raises:
        ValueError: The result is not complete; nothing is written.
    """
    path = folder / file_name(result)
    _check(result, path.name)
    write_text(path, json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def check_result(path: Path) -> Result:
    """Read a result file.

    Raises:
        ValueError: It is not JSON, not complete, or not named after what it holds.
    """
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(result, dict):
        raise ValueError(f"{path.name} holds a {type(result).__name__}; it must hold an object")
    _check(result, path.name)  # type: ignore[arg-type]
    return result  # type: ignore[return-value]


def _check(result: Result, name: str) -> None:
    _check_fields(result, REQUIRED, name)
    if result["schema"] != 1 or result["kind"] not in OF_KIND:
        raise ValueError(
            f"{name}: schema {result['schema']} and kind '{result['kind']}' are not known; "
            f"use schema 1 and one of {', '.join(OF_KIND)}"
        )
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", result["date"]):
        raise ValueError(f"{name}: date '{result['date']}' is not a day such as 2025-01-31")
    _check_fields(result["machine"], {"cpu": str, "cores": int, "gpu": (str, type(None))}, name)
    if "python" not in result["versions"] or "torch" not in result["versions"]:
        raise ValueError(f"{name}: versions must tell python's and torch's")
    for item in result["measurements"]:
        _check_measurement(item, name)
    OF_KIND[result["kind"]](result, name)
    if file_name(result) != name:
        raise ValueError(f"{name}: from what it holds, its name is {file_name(result)}")


def _check_fields(
    values: Mapping[str, Any], fields: Mapping[str, type | tuple[type, ...]], name: str
) -> None:
    for field, kinds in fields.items():
        if field not in values:
            raise ValueError(f"{name}: '{field}' is missing")
        if not isinstance(values[field], kinds):
            raise ValueError(f"{name}: '{field}' cannot be a {type(values[field]).__name__}")


def _check_measurement(item: Measurement, name: str) -> None:
    number = (int, float)
    fields = {"name": str, "unit": str, "values": list}
    _check_fields(item, {**fields, "median": number, "low": number, "high": number}, name)
    values = item["values"]
    if not values or not all(isinstance(v, number) and math.isfinite(v) for v in values):
        raise ValueError(f"{name}: '{item['name']}' needs its raw repeats as finite numbers")
    expected = measurement(item["name"], item["unit"], values)
    for key in ("median", "low", "high"):
        if not math.isclose(item[key], expected[key], rel_tol=1e-9):  # type: ignore[literal-required]
            raise ValueError(f"{name}: the {key} of '{item['name']}' is not that of its values")


def _check_measured(result: Result, name: str) -> None:
    if not result["measurements"]:
        raise ValueError(f"{name}: a result of kind {result['kind']} has at least one measurement")


def _check_accuracy(result: Result, name: str) -> None:
    _check_fields(result, OF_ACCURACY, name)
    if not result["rows"]:
        raise ValueError(f"{name}: a result of kind accuracy has at least one row")
    for row in result["rows"]:
        _check_fields(row, OF_ROW, name)
        bare = [key for key in row["values"] if key not in row["intervals"]]
        if not row["values"] or bare:
            raise ValueError(f"{name}: '{row['label']}' has values without intervals: {bare}")
    for field in OF_TRAINING:
        if field not in result["training"]:
            raise ValueError(f"{name}: 'training' does not tell the {field}")


def _check_agreement(result: Result, name: str) -> None:
    _check_fields(result, {"rows": list}, name)
    for row in result["rows"]:
        _check_fields(row, OF_AGREEMENT, name)
        if row["equal"] != (round(row["measured"], 2) == round(row["published"], 2)):
            raise ValueError(f"{name}: '{row['number']}' of {row['predictions']} is called wrongly")


OF_KIND = {
    "accuracy": _check_accuracy,
    "agreement": _check_agreement,
    "ceiling": _check_measured,
    "speed": _check_measured,
}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
