"""What remedies for mixed-up left and right bring: fine-tune alike with each, and validate.

    poseforge data sides configs/compact_lsp.py work_dirs/compact_lsp/best.pth --flip --out c.json
    python -m benchmarks.side_remedies configs/compact_lsp.py work_dirs/compact_lsp/best.pth \
        --corrections c.json --epochs 4 --seeds 0 1 2

Each remedy begins with the same weights, sees the same order of people and ends after the same
number of epochs; whatever they bring is counted against `control`, which has none. What is scored
are the last weights (averaged, where the config averages), on the validation split, plain and with
the mirrored picture. A run that was stopped goes on.
"""

import argparse
import copy
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.planted_sides import plant
from benchmarks.record_accuracy import accuracy_result
from benchmarks.result import Result, write_result
from benchmarks.speed_script import options_parser
from poseforge.cli.loaders import datasets_of, parts_by_name
from poseforge.datasets.corrections import write_corrections
from poseforge.datasets.lint import choose, lint, material_of
from poseforge.engine.benchmark import TestTime, benchmark
from poseforge.engine.config import RunConfig, load_config
from poseforge.engine.train import train
from poseforge.profiling.result_file import Measurement, measurement
from poseforge.reports.folder import report_json

OUTLIERS = ("PF201", "PF202", "PF203")  # rules of `poseforge data lint`
CONTROL = "control"
Values = dict[str, Any]
TEST_TIMES = {"plain": TestTime(), "flip": TestTime(flip=True)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, validate and record; return the exit status."""
    parser = options_parser("Fine-tune with each remedy for left and right, and compare.")
    parser.add_argument("config", nargs="?", type=Path, help="what the checkpoint was trained by")
    parser.add_argument("checkpoint", nargs="?", type=Path, help="the weights to begin with")
    parser.add_argument("--corrections", type=Path, help="of `poseforge data sides`")
    parser.add_argument("--epochs", type=int, default=4, help="of each remedy and seed")
    parser.add_argument(
        "--remedies", nargs="+", default=[], help="besides the control; default all"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="of order and draws")
    parser.add_argument("--rate", type=float, default=5e-4, help="learning rate")
    parser.add_argument("--consistency", type=float, default=100.0, help="its loss's weight")
    parser.add_argument("--work-dir", type=Path, default=Path("work_dirs/side_remedies"))
    parser.add_argument("--name", default="side_remedies", help="what the result is called")
    parser.add_argument("--cfg-options", nargs="+", default=[], metavar="KEY=VALUE")
    options = parser.parse_args(arguments)
    try:
        if options.tiny:
            planted = plant(options.work_dir)
            options.config, options.checkpoint, options.corrections = planted
            options.epochs = 1
        if None in (options.config, options.checkpoint, options.corrections):
            raise ValueError("give a config, a checkpoint and --corrections, or --tiny")
        print(f"wrote {write_result(compare(options), options.out)}")
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def remedies(corrections: Path, linted: Path, weight: float) -> dict[str, Callable[[Values], None]]:
    """Return by name what each remedy changes in a config's values."""

    def correct(*actions: str, file: Path = corrections) -> Callable[[Values], None]:
        def change(values: Values) -> None:
            loader = values["train_dataloader"]
            loader["dataset"] = corrected(loader["dataset"], file, actions)

        return change

    def make_consistent(values: Values) -> None:
        values["model"].update(type="FlipConsistent", weight=weight)

    return {
        CONTROL: lambda values: None,
        "relabelled": correct("mirror"),
        "outliers dropped": correct("drop"),
        "relabelled, outliers dropped": correct("mirror", "drop"),
        "linter's outliers dropped": correct("drop", file=linted),
        "flip consistency": make_consistent,
    }


def write_linted(config: Path, file: Path) -> None:
    """Write corrections that drop whom the linter finds to be swapped, scrambled or collapsed."""
    found = {}
    for name, dataset in parts_by_name(datasets_of(config, ["train"]).values()).items():
        _, findings = lint([material_of(dataset, "train")], choose(OUTLIERS), lambda *_: None)
        drops = {str(finding.person): {"do": "drop", "rule": finding.code} for finding in findings}
        found[name] = dataset, drops
    write_corrections(file, found, origin={"rules": OUTLIERS})


def corrected(dataset: Values, file: Path, actions: Sequence[str]) -> Values:
    """Return a data set's config with corrections made in it, or in what it is combined of."""
    if dataset["type"] == "Combined":
        parts = [corrected(part, file, actions) for part in dataset["datasets"]]
        return {**dataset, "datasets": parts}
    return {"type": "Corrected", "dataset": dataset, "file": str(file), "actions": list(actions)}


def compare(options: argparse.Namespace) -> Result:
    """Run every remedy with every seed; return the result."""
    base = load_config(options.config, options.cfg_options).values
    linted = options.work_dir / "linted.json"
    write_linted(options.config, linted)
    reports: dict[tuple[str, int, str], Path] = {}
    changes = remedies(options.corrections, linted, options.consistency)
    unknown = set(options.remedies) - set(changes)
    if unknown:
        raise ValueError(f"there is no remedy '{min(unknown)}'; there is {', '.join(changes)}")
    chosen = {name: changes[name] for name in changes if name in (CONTROL, *options.remedies)}
    chosen = chosen if options.remedies else changes
    for seed in options.seeds:
        for remedy, change in chosen.items():
            values = fine_tuning(base, options, seed)
            change(values)
            folder = options.work_dir / f"{remedy.replace(' ', '_')}_{seed}"
            config = RunConfig(f"{remedy}, seed {seed}", {**values, "work_dir": str(folder)})
            for test_time, report in validated(config, folder).items():
                reports[remedy, seed, test_time] = report
    first = next(iter(reports.values())).parent
    result = accuracy_result(first, [*reports.values()], options.name, commit=options.commit)
    result["measurements"] = brought(reports, [*chosen], options.seeds)
    result["settings"].update(
        tiny=options.tiny,
        seeds=options.seeds,
        corrections=counts(options.corrections),
        linted=counts(linted),
        consistency=options.consistency,
    )
    result["notes"].append(
        "`settings.config` and `training` are those of the control of the first seed"
    )
    return result


def fine_tuning(base: Values, options: argparse.Namespace, seed: int) -> Values:
    """Return a config's values for some epochs from the checkpoint, tested on the validation."""
    values = copy.deepcopy(base)
    values["optim_wrapper"]["optimizer"]["lr"] = options.rate
    values["train_cfg"].update(max_epochs=options.epochs, val_interval=options.epochs)
    start = {"type": "StartFrom", "checkpoint": str(options.checkpoint)}
    values["custom_hooks"] = [*values["custom_hooks"], start]
    values["test_dataloader"] = values["val_dataloader"]
    values["seed"] = seed
    return values


def validated(config: RunConfig, folder: Path) -> dict[str, Path]:
    """Train where that is not done yet, and score the last weights; return the reports' files."""
    console = Console(quiet=True)
    last = folder / "last.pth"
    reports = {name: folder / f"{name}.json" for name in TEST_TIMES}
    train(config, console, launcher="none", resume="auto" if last.is_file() else None)
    for name, test_time in TEST_TIMES.items():
        found = benchmark(config, last, console, test_time=test_time)
        if found is not None:
            reports[name].write_text(report_json(found.evaluation), encoding="utf-8")
    return reports


def brought(
    reports: dict[tuple[str, int, str], Path], remedies: Sequence[str], seeds: Sequence[int]
) -> list[Measurement]:
    """Return what each remedy has more than the control without a flip, a value a seed."""
    read = {key: json.loads(path.read_text(encoding="utf-8")) for key, path in reports.items()}
    found = []
    for remedy in remedies:
        for test_time in TEST_TIMES:
            if (remedy, test_time) == (CONTROL, "plain"):
                continue
            pairs = [(read[remedy, s, test_time], read[CONTROL, s, "plain"]) for s in seeds]
            for name, number in NUMBERS.items():
                gains = [number(report) - number(control) for report, control in pairs]
                found.append(measurement(f"{remedy}, {test_time}: {name}", "points", gains))
    return found


def _inversions(report: Values) -> float:
    [errors] = report["errors"].values()
    return float(errors["kinds"]["inversion"]["share"])


NUMBERS: dict[str, Callable[[Values], float]] = {
    "PCK@0.2": lambda report: float(report["rows"][0]["values"]["PCK@0.2"]),
    "PCK@0.1": lambda report: float(report["rows"][0]["values"]["PCK@0.1"]),
    "inversions": _inversions,
}


def counts(corrections: Path) -> Values:
    """Return how a file of corrections came about, and how many it has of each kind; no ids."""
    content = json.loads(corrections.read_text(encoding="utf-8"))
    done = {
        name: [correction["do"] for correction in part["corrections"].values()]
        for name, part in content.pop("data").items()
    }
    return {
        **content,
        "data": {
            name: {action: actions.count(action) for action in ("mirror", "drop")}
            for name, actions in done.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
