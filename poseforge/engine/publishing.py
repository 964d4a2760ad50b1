"""Make a run's weights a file to give away: small, safe, with its training and its table inside."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.loading import SampleStream
from poseforge.engine.benchmark import BenchmarkResult, TestTime, benchmark
from poseforge.engine.checkpoint import State, write_checkpoint
from poseforge.engine.config import RunConfig
from poseforge.engine.evaluation import headline
from poseforge.engine.manifest import command_text, training_seconds
from poseforge.engine.rounding import movement, rounded
from poseforge.files import replacing
from poseforge.inference.checkpoint_model import LOADERS, load_model
from poseforge.models.checkpoints import CheckpointError, read_checkpoint
from poseforge.registry import DATASETS, build
from poseforge.reports.folder import report_json

PRIVATE = ("work_dir", "device")  # of the config: where it ran, not what
MOST_COST = 0.1  # of the headline, in points, by rounding
DROPPED = ("curves", "joint_intervals")  # of a report: what a card does not print


@dataclass(frozen=True)
class Published:
    """What was written.

    Attributes:
        state: The file's content.
        size: Its bytes.
    """

    state: State
    size: int


def publish(
    checkpoint: Path,
    path: Path,
    console: Console,
    *,
    device: str | None = None,
    limit_mb: float = 8.0,
    notes: Sequence[str] = (),
) -> Published:
    """Round a run's weights, test them, and write them with all that is to know about them.

    The table inside is that of the rounded weights on the config's test set, so that whoever tests
    the file finds the same numbers.

    Args:
        checkpoint: In a run's folder, such as best.pth.
        path: The file to write.
        console: Where to show progress.
        device: Where to test; None is a GPU where there is one.
        limit_mb: The most 10^6 bytes that the file may have.
        notes: What else its readers must know.

    Raises:
        CheckpointError: The checkpoint cannot be used, rounding changes what it predicts, or the
            file would be too large. What was at `path` is there still.
        FileNotFoundError: The folder is not a run's.
        DataNotFoundError: The data that the run validated or tests on is not on this machine.
    """
    state = read_checkpoint(checkpoint)
    training = _training(checkpoint.parent, state["config"])
    model = load_model(checkpoint)
    weights = rounded(model.estimator)
    moved = movement(model.estimator, weights, SampleStream(_people(state), model.transforms))
    if not moved.is_small:
        raise CheckpointError(
            f"'{checkpoint}' is not published: {moved}, too many for weights in half precision; "
            "train with weight decay, which keeps weights in its range"
        )
    config = {key: value for key, value in state["config"].items() if key not in PRIVATE}
    meta = {
        "name": config["name"],
        "parameters": sum(weight.numel() for weight in model.estimator.parameters()),
        "iteration": state["meta"]["iteration"],
        "training": training,
        "notes": list(notes),
    }
    state = {**state, "state_dict": weights, "config": config, "meta": meta}
    state.pop("training", None)  # what resuming needs
    tested = _benchmarks(config, console, device)
    before = tested(checkpoint, flip=False)
    with replacing(path) as aside:
        write_checkpoint(state, aside)
        found = [tested(aside, flip=flip) for flip in (False, True)]
        meta["rounding"] = f"{moved}; {_cost(checkpoint, before, found[0])}"
        meta["report"] = _report(found)
        write_checkpoint(state, aside)
        size = aside.stat().st_size
        if size > limit_mb * 1e6:
            raise CheckpointError(
                f"'{checkpoint}' is not published: it would have {size / 1e6:.1f} MB, and at most "
                f"{limit_mb:g} are allowed; allow more with --limit-mb, or train a smaller model"
            )
    return Published(state, size)


def _training(run: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Return the run's manifest with what its steps say."""
    for name in ("manifest.json", "steps.jsonl"):
        if not (run / name).is_file():
            raise FileNotFoundError(
                f"there is no {run / name}; give a checkpoint that lies in the folder of its run"
            )
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    lines = (run / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    steps = [json.loads(line) for line in lines]
    images = config["train_dataloader"]["batch_size"] * manifest["machine"]["processes"]
    return {
        **manifest,
        "command": command_text(manifest["command"]),
        "iterations": steps[-1]["iteration"] if steps else 0,
        "seconds": training_seconds(steps, images),
    }


def _people(state: State) -> PoseDataset:
    """Return whom the run validated on, or else tests on."""
    config = state["config"]
    loader = next(config[name] for name in reversed(LOADERS) if config.get(name))
    people: PoseDataset = build(loader["dataset"], DATASETS)
    return people


def _benchmarks(
    values: dict[str, Any], console: Console, device: str | None
) -> Callable[..., BenchmarkResult]:
    """Return what tests a file's weights on a config's test set."""
    settings = {key: value for key, value in values.items() if key != "name"}
    config = RunConfig(values["name"], {**settings, "device": device})

    def tested(checkpoint: Path, *, flip: bool) -> BenchmarkResult:
        found = benchmark(config, checkpoint, console, test_time=TestTime(flip))
        assert found is not None  # noqa: S101 - there is one process, which is the first
        return found

    return tested


def _cost(checkpoint: Path, before: BenchmarkResult, after: BenchmarkResult) -> str:
    """Return in words what rounding did to the headline.

    Raises:
        CheckpointError: It cost too much.
    """
    reports = [result.evaluation.models[-1].reports for result in (before, after)]
    name = next(iter(reports[0][0].values))
    old, new = (headline(report) for report in reports)
    text = f"{name} is {new:.2f}, and was {old:.2f} before"
    if not new >= old - MOST_COST:
        raise CheckpointError(
            f"'{checkpoint}' is not published: rounded to half precision its {text}, and it may "
            f"lose {MOST_COST:g}; train longer, or with weight decay"
        )
    return text


def _report(results: Sequence[BenchmarkResult]) -> dict[str, Any]:
    """Return the results as a card needs them, the mean pose's below."""
    report: dict[str, Any] = {"rows": [], "errors": {}}
    for result in results:
        floor = [("mean pose in the box", found) for found in result.floor]
        last = floor if result is results[-1] else []
        found = json.loads(report_json(result.evaluation, last))
        report["protocol"] = found["protocol"]
        report["errors"].update(found["errors"])
        report["rows"] += [
            {key: value for key, value in row.items() if key not in DROPPED}
            for row in found["rows"]
        ]
    return report
