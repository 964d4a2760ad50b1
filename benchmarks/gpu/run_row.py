"""Run one row of the ledger of GPU measurements; see README.md beside this file.

    python -m benchmarks.gpu.run_row simplepose             on a GPU
    python -m benchmarks.gpu.run_row simplepose --tiny      the same steps in a minute on a CPU
    python -m benchmarks.gpu.run_row --ledger               print the ledger's table

A training longer than `--minutes` is stopped, tested as far as it got, and goes on where it stopped
when the row is run again with the same `--work-dir`.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.tiny import has_leeds, tiny_overrides

ROOT = Path(__file__).parents[2]
KEPT = ("manifest.json", "config.py", "steps.jsonl", "train.log", "curves.png")
STOPPED = 128 + signal.SIGTERM


@dataclass(frozen=True)
class Row:
    """A row of the ledger.

    Args:
        id: What it is called on the command line.
        what: What it measures.
        minutes: Expected on an NVIDIA H200, everything included.
        models: Configs without their data set; empty where a benchmark of the row's own id is run.
        options: Overrides of the training; empty where nothing is trained.
        beside_mmpose: Whether its benchmark also measures MMPose.
    """

    id: str
    what: str
    minutes: int
    models: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    beside_mmpose: bool = False

    def name(self, data: str) -> str:
        """Return what its result is called."""
        if not self.models:
            return self.id
        return f"{self.models[0]}_{data}" if self.options else f"{self.id}_{data}_bf16"


LOADER = "train_dataloader.num_workers=14"
ROWS = (
    Row(
        "throughput",
        "Images a second of CPM, HmapPose and SimplePose in bf16: training step, prediction, "
        "data loading, together",
        6,
        ("cpm", "hmappose", "simplepose"),
    ),
    Row(
        "device_augmentation",
        "What augmentation on the device saves the workers, and what it costs the GPU",
        3,
    ),
    Row(
        "utilisation",
        "CPM's training steps in bf16: their share of the measured matrix ceiling, plain, "
        "channels-last and compiled, and whether the loader keeps up",
        8,
    ),
    Row(
        "resnet50_coco",
        "ResNet-50 256 x 192 in bf16: training images a second fed by PoseForge's loaders and by "
        "MMPose's, with `--mmpose-python PATH`; without one, by PoseForge's alone",
        6,
        beside_mmpose=True,
    ),
    Row(
        "simplepose",
        "SimplePose on LSP and LSPET in bf16, tested plain and with flip",
        20,
        ("simplepose",),
        (LOADER,),
    ),
    Row(
        "hmappose",
        "HmapPose on LSP and LSPET in bf16, tested plain and with flip",
        30,
        ("hmappose",),
        (LOADER,),
    ),
    Row(
        "simplebaseline_r50",
        "SimpleBaseline's ResNet-50 on LSP and LSPET in bf16, tested plain and with flip",
        25,
        ("simplebaseline_r50",),
        (LOADER,),
    ),
    Row(
        "cpm",
        "CPM on LSP and LSPET in bf16, as far as one call gets, tested plain and with flip; run "
        "again to go on",
        10,
        ("cpm",),
        (LOADER, "train_cfg.val_interval=1000"),
    ),
    Row(
        "deeppose",
        "DeepPose's three stages on LSP and LSPET in bf16, as far as one call gets, tested plain "
        "and with flip; run again to go on",
        60,
        ("deeppose",),
        (LOADER,),
    ),
    Row(
        "eol",
        "Efficient object localization on LSP and LSPET in bf16, as far as one call gets, tested "
        "plain and with flip; run again to go on",
        60,
        ("eol",),
        (LOADER,),
    ),
    Row(
        "openpose",
        "OpenPose on whole images of LSP and LSPET in bf16, as far as one call gets, tested plain "
        "and with flip; run again to go on",
        60,
        ("openpose",),
        (LOADER,),
    ),
)


def ledger_cells(row: Row) -> str:
    """Return a row as it stands in the ledger, but for its checkbox."""
    command = f"python -m benchmarks.gpu.run_row {row.id}"
    result = f"{row.name('lsp')}--nvidia-h200.json"
    return f"{row.id} | {row.what} | `{command}` | {row.minutes} | `{result}` |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a row; return the exit status."""
    options = _arguments(arguments)
    if options.ledger:
        print("\n".join(f"| [ ] | {ledger_cells(row)}" for row in ROWS))
        return 0
    row = next((row for row in ROWS if row.id == options.row), None)
    if row is None:
        print(f"error: name a row: {', '.join(r.id for r in ROWS)}", file=sys.stderr)
        return 2
    if not options.tiny and not torch.cuda.is_available():
        print("error: there is no CUDA device; --tiny tries a row on a CPU", file=sys.stderr)
        return 2
    options.out = (options.out or Path("work_dirs/gpu_out") / row.id).resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        if not row.models:
            benchmark(row, options)
        elif row.options:
            train_and_test(row, options)
        else:
            throughput(row, options)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"row {row.id} is done; its files are in {options.out}")
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run a row of the ledger of GPU measurements.")
    parser.add_argument("row", nargs="?", help=", ".join(row.id for row in ROWS))
    parser.add_argument("--ledger", action="store_true", help="print the ledger's table")
    parser.add_argument("--tiny", action="store_true", help="tiny models on a CPU: a trial")
    parser.add_argument(
        "--minutes", type=float, default=8.0, help="longest training of this call; default 8"
    )
    parser.add_argument("--out", type=Path, help="for results; default work_dirs/gpu_out/<row>")
    parser.add_argument("--work-dir", type=Path, help="default work_dirs/gpu/<result>")
    parser.add_argument("--synthetic", action="store_true", help="generated people, no files")
    parser.add_argument("--seed", type=int, default=0, help="the training's seed")
    parser.add_argument("--mmpose-python", help="for resnet50_coco: an environment with MMPose")
    parser.add_argument("--commit", help="the commit, on a machine without git")
    parser.add_argument(
        "--cfg-options", nargs="+", default=[], metavar="KEY=VALUE", help="further overrides"
    )
    return parser.parse_args(arguments)


def benchmark(row: Row, options: argparse.Namespace) -> None:
    """Run the benchmark of the row's id, which needs no data set."""
    device = ["--device", "cpu", "--tiny"] if options.tiny else ["--device", "cuda"]
    is_given = row.beside_mmpose and options.mmpose_python
    peer = ["--mmpose-python", options.mmpose_python] if is_given else []
    run("-m", f"benchmarks.{row.id}", *device, *peer, *_result(row, options))


def throughput(row: Row, options: argparse.Namespace) -> None:
    """Measure all of the row's models in one process."""
    data = _data(options)
    configs = [f"configs/{model}_{data}.py" for model in row.models]
    extras = ["--tiny"] if options.tiny else ["--workers", "14"]
    run("-m", "benchmarks.throughput", *configs, "--amp", "bf16", *extras, *_result(row, options))


def train_and_test(row: Row, options: argparse.Namespace) -> None:
    """Train as long as allowed, test plain and flipped, and record."""
    config = f"configs/{row.models[0]}_{_data(options)}.py"
    trial = "_tiny" if options.tiny else ""
    name = row.name(_data(options))
    folder = (options.work_dir or Path(f"work_dirs/gpu/{name}{trial}")).resolve()
    overrides = [*row.options, *_size(config, options), *options.cfg_options]
    device = "cpu" if options.tiny else "cuda"
    common = ["--device", device, "--cfg-options", *overrides, "optim_wrapper.amp=bf16"]
    training = [
        "tools/train.py", config, "--work-dir", str(folder), "--seed", str(options.seed), *common,
    ]  # fmt: skip
    if (folder / "last.pth").is_file():
        training.append("--resume")
    finished = run_for(training, 60 * options.minutes)
    print("the training is at its end" if finished else "stopped by the clock; run again to go on")
    best = folder / "best.pth"
    weights = best if best.is_file() else folder / "last.pth"
    reports = []
    for kind, flags in (("plain", []), ("flip", ["--flip"])):
        reports.append(options.out / f"{name}_{kind}.json")
        run("tools/test.py", config, str(weights), "--json", str(reports[-1]), *flags, *common)
    for kept in KEPT:
        if (folder / kept).is_file():
            shutil.copy(folder / kept, options.out / kept)
    tiny = ["--tiny"] if options.tiny else []
    run(
        "-m", "benchmarks.record_accuracy", str(folder), "--report", *map(str, reports), *tiny,
        "--note", f"the weights are {weights.name}", *_result(row, options),
    )  # fmt: skip


def _data(options: argparse.Namespace) -> str:
    absent = options.tiny and not has_leeds()
    return "synthetic" if options.synthetic or absent else "lsp"


def _size(config: str, options: argparse.Namespace) -> list[str]:
    if not options.tiny:
        return []
    return [*tiny_overrides(config), "train_cfg.max_epochs=None", "train_cfg.max_iters=4"]


def _result(row: Row, options: argparse.Namespace) -> list[str]:
    name = ("tiny_" if options.tiny else "") + row.name(_data(options))
    commit = ["--commit", options.commit] if options.commit else []
    return ["--name", name, "--out", str(options.out), *commit]


def run(*command: str) -> None:
    """Run a Python command of the repository to its end.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    print("$ python", *command, flush=True)
    subprocess.run([sys.executable, *command], check=True, env=_environment(), cwd=ROOT)


def run_for(command: Sequence[str], seconds: float, *, patience_s: float = 120) -> bool:
    """Run a training, asking it to save and stop when its time is over.

    Args:
        command: For Python.
        seconds: How long it may train.
        patience_s: How long it may take to save.

    Returns:
        Whether it ended by itself.

    Raises:
        subprocess.CalledProcessError: It failed, or did not save in time.
    """
    print("$ python", *command, flush=True)
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, *command], env=_environment(), cwd=ROOT)
    try:
        status = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
    print(f"trained for {time.monotonic() - start:.0f} s, start and validations included")
    if status not in (0, STOPPED):
        raise subprocess.CalledProcessError(status, [sys.executable, *command])
    return status == 0


def _environment() -> dict[str, str]:
    """Return the environment in which commands find the package, installed or not."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


if __name__ == "__main__":
    sys.exit(main())
