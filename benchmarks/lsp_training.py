"""Train one of the ledger's models on LSP and LSPET, in calls of less than nine minutes.

    python -m benchmarks.lsp_training compact --packed packed        on a GPU; again to go on
    python -m benchmarks.lsp_training compact --fit                  as long as one call
    python -m benchmarks.lsp_training compact --tiny                 the same steps in seconds
    python -m benchmarks.lsp_training compact --finish               test it as far as it got
    python -m benchmarks.lsp_training compact --command              print the training's command

A call ends by the clock with everything saved, and a call that is killed has saved at most a minute
before. The call in which the training reaches its end tests the weights, plain and with the flip
test, and writes the result file with the validations' curve in it.
"""

import argparse
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console

from benchmarks.carried_weights import carry_weights
from benchmarks.commands import run_for
from benchmarks.fitted_length import fitted_length, length_of_run
from benchmarks.lsp_models import MODELS, LspModel, find_model, training_overrides
from benchmarks.record_accuracy import accuracy_result
from benchmarks.result import write_result
from poseforge.cli.presenting import present
from poseforge.engine.benchmark import TestTime, benchmark
from poseforge.engine.config import load_config

KEPT = ("manifest.json", "config.py", "steps.jsonl", "curves.png")
SPARE_S = 30.0  # of a call, for saving
TESTING_S = 60.0  # what testing twice takes


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, or train on; return the exit status."""
    start = time.monotonic()
    options = _arguments(arguments)
    try:
        model = find_model(options.model)
        overrides = training_overrides(
            model, epochs=options.epochs, packed=options.packed, tiny=options.tiny
        )
        overrides += options.cfg_options
        if options.command:
            print(shlex.join(["python", *_training(model, options, overrides)]))
            return 0
        if not options.tiny and not torch.cuda.is_available():
            raise ValueError("there is no CUDA device; --tiny tries a model on a CPU")
        if options.finish or _train(model, options, overrides, start + 60 * options.minutes):
            _test(model, options, overrides)
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train a model of the ledger on LSP and LSPET.")
    parser.add_argument("model", help=", ".join(MODELS))
    parser.add_argument(
        "--minutes", type=float, default=8.5, help="after which a call saves and stops; default 8.5"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=int, help="how long to train; default as planned")
    length.add_argument(
        "--fit", action="store_true", help="measure the speed, and train as long as --minutes allow"
    )
    parser.add_argument(
        "--packed", help="folder of packed crops, counted from $POSEFORGE_DATA; default the images"
    )
    parser.add_argument("--finish", action="store_true", help="do not train: test what there is")
    parser.add_argument("--command", action="store_true", help="only print the training's command")
    parser.add_argument("--tiny", action="store_true", help="a narrow model on a CPU: a trial")
    parser.add_argument("--seed", type=int, default=0, help="the training's seed")
    parser.add_argument("--work-dir", type=Path, help="the run's; default work_dirs/lsp_<model>")
    parser.add_argument("--out", type=Path, help="for results; default <work-dir>/out")
    parser.add_argument("--commit", help="the commit, on a machine without git")
    parser.add_argument(
        "--cfg-options", nargs="+", default=[], metavar="KEY=VALUE", help="further overrides"
    )
    options = parser.parse_args(arguments)
    name = f"lsp_{options.model}{'_tiny' if options.tiny else ''}"
    options.work_dir = options.work_dir or Path("work_dirs") / name
    options.out = (options.out or options.work_dir / "out").resolve()
    return options


def _training(model: LspModel, options: argparse.Namespace, overrides: list[str]) -> list[str]:
    """Return the training's command, for Python."""
    return [
        "tools/train.py", f"configs/{model.config.name}", "--work-dir", str(options.work_dir),
        "--seed", str(options.seed), "--device", _device(options), "--no-test",
        "--cfg-options", *overrides,
    ]  # fmt: skip


def _device(options: argparse.Namespace) -> str:
    return "cpu" if options.tiny else "cuda"


def _train(model: LspModel, options: argparse.Namespace, overrides: list[str], end: float) -> bool:
    """Train until the call's time is over; return whether it is to be tested now."""
    command = _training(model, options, overrides)
    goes_on = (options.work_dir / "last.pth").is_file()
    if options.fit and goes_on:
        command += length_of_run(options.work_dir)
    elif options.fit:
        config = load_config(model.config, overrides)
        seconds = end + SPARE_S - TESTING_S - time.monotonic()
        command += fitted_length(config, command, seconds)
    resume = ["--resume"] if goes_on else []
    if not run_for([*command, *resume], end - time.monotonic(), patience_s=SPARE_S):
        print(f"stopped by the clock, saved in {options.work_dir}; run it again to go on")
        return False
    if time.monotonic() + TESTING_S > end + SPARE_S:
        print("the training is at its end; run it again with --finish to test")
        return False
    return True


def _test(model: LspModel, options: argparse.Namespace, overrides: list[str]) -> None:
    """Test what can be carried of the weights, plain and with flip, and record."""
    folder, out = options.work_dir, options.out
    out.mkdir(parents=True, exist_ok=True)
    weights = folder / "best.pth"
    if not weights.is_file():
        weights = folder / "last.pth"
    carried = out / f"{model.result}.pth"
    note = carry_weights(weights, carried)
    print(note)
    tested = carried if carried.is_file() else weights
    config = load_config(model.config, [*overrides, f"device={_device(options)}"])
    console, reports = Console(), []
    for kind, flip in (("plain", False), ("flip", True)):
        found = benchmark(config, tested, console, test_time=TestTime(flip))
        assert found is not None  # noqa: S101 - there is one process, which is the first
        present(found, console, json=out / f"{kind}.json")
        reports.append(out / f"{kind}.json")
    for kept in KEPT:
        if (folder / kept).is_file():
            shutil.copy(folder / kept, out / kept)
    name = f"tiny_{model.result}" if options.tiny else model.result
    result = accuracy_result(folder, reports, name, commit=options.commit)
    result["notes"].append(note)
    result["settings"]["tiny"] = options.tiny
    print(f"wrote {write_result(result, out)}")


if __name__ == "__main__":
    sys.exit(main())
