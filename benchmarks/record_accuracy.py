"""Turn a finished run's folder into a result file of kind accuracy.

    python -m benchmarks.record_accuracy work_dirs/simplepose_lsp --name simplepose_lsp

The numbers are those that the tools have written: nothing is computed here but the time that the
steps took.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.result import RESULTS, Result, write_result
from poseforge.engine.config import RunConfig, load_config
from poseforge.engine.manifest import command_text, training_seconds
from poseforge.models.checkpoints import read_checkpoint
from poseforge.profiling.result_file import measurement, new_result

PRIVATE = ("work_dir", "device")  # of the config: where it ran, not what


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the result file; return the exit status."""
    parser = argparse.ArgumentParser(description="Make a result file of a training run's folder.")
    parser.add_argument("work_dir", type=Path, help="with manifest.json, config.py, steps.jsonl")
    parser.add_argument("--name", required=True, help="what the result is called")
    parser.add_argument(
        "--report", nargs="+", type=Path, help="files of test --json; default the run's report.json"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--commit", help="the commit, on a machine without git")
    parser.add_argument("--note", nargs="*", default=[], help="what a reader must know")
    parser.add_argument("--tiny", action="store_true", help="mark the result as a trial of scripts")
    options = parser.parse_args(arguments)
    reports = options.report or [options.work_dir / "report.json"]
    try:
        result = accuracy_result(options.work_dir, reports, options.name, commit=options.commit)
        result["notes"] += options.note
        if options.tiny:
            result["settings"]["tiny"] = True
        print(f"wrote {write_result(result, options.out)}")
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def accuracy_result(
    work_dir: Path, reports: Sequence[Path], name: str, *, commit: str | None = None
) -> Result:
    """Return the result of a run.

    Args:
        work_dir: The run's folder.
        reports: Files that the tools wrote about its weights; equal rows are taken once.
        name: What the result is called.
        commit: The source's commit where git cannot tell it, or tells another.

    Raises:
        FileNotFoundError: The folder lacks a file.
        ValueError: A file does not hold what it should.
    """
    manifest = json.loads(_read(work_dir / "manifest.json"))
    steps = [json.loads(line) for line in _read(work_dir / "steps.jsonl").splitlines()]
    if not steps:
        raise ValueError(f"{work_dir}/steps.jsonl is empty: nothing was trained")
    config = load_config(work_dir / "config.py")
    images = config.section("train_dataloader").batch_size * manifest["machine"]["processes"]
    seconds = training_seconds(steps, images)
    result = new_result(
        "accuracy",
        name,
        device=torch.device("cpu"),
        settings={"config": {k: v for k, v in config.values.items() if k not in PRIVATE}},
        measurements=[measurement("training steps, validations left out", "s", [seconds])],
        commit=commit,
    )
    result["command"] = command_text(manifest["command"])
    result["versions"] = {"python": manifest["python"], **manifest["packages"]}
    machine = manifest["machine"]
    result["machine"] = {"cpu": machine["cpu"], "cores": machine["cores"], "gpu": machine["gpu"]}
    result["rows"] = _rows(reports)
    result["errors"] = _errors(reports)
    result["training"] = {
        "commit": commit or manifest["commit"],
        "seed": manifest["seed"],
        "data": manifest["data"],
        "iterations": steps[-1]["iteration"],
        "planned_iterations": _planned(config, manifest, images),
        "validations": _validations(work_dir / "last.pth"),
    }
    return result


def _read(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} does not exist; give the folder of a run of tools/train.py, and test its "
            "weights with tools/test.py --json where the training was stopped"
        )
    return path.read_text(encoding="utf-8")


def _validations(last: Path) -> list[dict[str, Any]]:
    """Return the training's curve: what each validation found; none where nothing was saved.

    A number that there was nobody for is None: JSON has no other word for it.
    """
    if not last.is_file():
        return []
    history: list[dict[str, Any]] = read_checkpoint(last)["training"]["history"]
    return [
        {key: value if math.isfinite(value) else None for key, value in record.items()}
        for record in history
    ]


def _rows(reports: Sequence[Path]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for path in reports:
        report = json.loads(_read(path))
        for row in report["rows"]:
            row["protocol"] = report["protocol"]
            row.pop("curves", None)  # plots are made of the report itself
            if row not in rows:
                rows.append(row)
    return rows


def _errors(reports: Sequence[Path]) -> dict[str, Any]:
    """Return each model's kinds of errors, without those of single joints."""
    found = {}
    for path in reports:
        for label, errors in json.loads(_read(path)).get("errors", {}).items():
            found[label] = {key: value for key, value in errors.items() if key != "joints"}
    return found


def _planned(config: RunConfig, manifest: dict[str, Any], images: int) -> int:
    if config.train.max_iters is not None:
        return config.train.max_iters
    people: int = manifest["data"]["train"]["people"]
    return (config.train.max_epochs or 0) * (people // images)


if __name__ == "__main__":
    sys.exit(main())
