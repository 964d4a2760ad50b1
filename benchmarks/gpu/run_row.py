"""Run one row of the ledger of GPU measurements; see README.md beside this file.

    python -m benchmarks.gpu.run_row throughput             on a GPU
    python -m benchmarks.gpu.run_row throughput --tiny      the same steps in a minute on a CPU
    python -m benchmarks.gpu.run_row --ledger               print the ledger's table

Its trainings are run by `python -m benchmarks.lsp_training`.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.commands import run
from benchmarks.lsp_models import MODELS, LspModel, device_options, packed_people

THROUGHPUT = "throughput"


@dataclass(frozen=True)
class Row:
    """A row of the ledger that trains nothing.

    Args:
        id: What it is called on the command line, and its script.
        what: What it measures.
        minutes: Expected on an NVIDIA H200, everything included.
        result: What its result is called.
        beside_mmpose: Whether it also measures MMPose.
    """

    id: str
    what: str
    minutes: int
    result: str
    beside_mmpose: bool = False


ROWS = (
    Row(
        THROUGHPUT,
        "Images a second of each model below in bf16: training step, prediction, data loading, "
        "together",
        8,
        "throughput_lsp_bf16",
    ),
    Row(
        "device_augmentation",
        "What augmentation on the device saves the workers, and what it costs the GPU",
        3,
        "device_augmentation",
    ),
    Row(
        "utilisation",
        "CPM's training steps in bf16: their share of the measured matrix ceiling, plain, "
        "channels-last and compiled, and whether the loader keeps up",
        8,
        "utilisation",
    ),
    Row(
        "layer_profiles",
        "CPM 368 x 368, batch 32, bf16, by layer: training step and prediction, plain, "
        "channels-last and compiled; what binds each layer",
        8,
        "layer_profiles",
    ),
    Row(
        "resnet50_coco",
        "ResNet-50 256 x 192 in bf16: training images a second fed by PoseForge's loaders and by "
        "MMPose's, with `--mmpose-python PATH`; without one, by PoseForge's alone",
        6,
        "resnet50_coco",
        beside_mmpose=True,
    ),
)


def ledger() -> Iterator[tuple[str, str]]:
    """Yield each line of the ledger but for its checkbox, and what its result is called."""
    first, *rest = ROWS
    packed = " --packed packed"
    yield _cells(first.id, first.what, f"gpu.run_row {first.id}{packed}", first), first.result
    for model in MODELS.values():
        what = f"{model.title}: trained on {model.data}, tested plain and with flip"
        command = f"lsp_training {model.id}{packed if model.sees_crops else ''}"
        yield _cells(model.id, what, command, model), model.result
    for row in rest:
        yield _cells(row.id, row.what, f"gpu.run_row {row.id}", row), row.result


def _cells(name: str, what: str, command: str, row: Row | LspModel) -> str:
    file = f"{row.result}--nvidia-h200.json"
    return f"{name} | {what} | `python -m benchmarks.{command}` | {row.minutes} | `{file}` |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a row; return the exit status."""
    options = _arguments(arguments)
    if options.ledger:
        print("\n".join(f"| [ ] | {cells}" for cells, _ in ledger()))
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
    name = f"{'tiny_' if options.tiny else ''}{row.result}"
    result = ["--name", name, "--out", str(options.out)]
    result += ["--commit", options.commit] if options.commit else []
    how = _throughput(options) if row.id == THROUGHPUT else _benchmark(row, options)
    try:
        run("-m", f"benchmarks.{row.id}", *result, *how)
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
    parser.add_argument("--out", type=Path, help="for results; default work_dirs/gpu_out/<row>")
    parser.add_argument(
        "--packed", help="for throughput: folder of packed crops, counted from $POSEFORGE_DATA"
    )
    parser.add_argument("--mmpose-python", help="for resnet50_coco: an environment with MMPose")
    parser.add_argument("--commit", help="the commit, on a machine without git")
    return parser.parse_args(arguments)


def _throughput(options: argparse.Namespace) -> list[str]:
    """Return the arguments that measure all models of people in one process."""
    configs = [f"configs/{model.config.name}" for model in MODELS.values() if model.sees_crops]
    if options.tiny:
        return [*configs, "--tiny", "--device", "cpu"]
    settings = [*device_options(), *packed_people(options.packed)]
    plan = ["--steps", "20", "--warmup", "5", "--repeats", "5"]
    return [*configs, "--amp", "bf16", *plan, "--cfg-options", *settings]


def _benchmark(row: Row, options: argparse.Namespace) -> list[str]:
    """Return the arguments of a benchmark of its own, which needs no data set."""
    is_given = row.beside_mmpose and options.mmpose_python
    peer = ["--mmpose-python", options.mmpose_python] if is_given else []
    return [*(["--device", "cpu", "--tiny"] if options.tiny else ["--device", "cuda"]), *peer]


if __name__ == "__main__":
    sys.exit(main())
