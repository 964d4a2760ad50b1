"""What the engine costs an iteration, beyond the same iteration as a bare PyTorch loop.

    python -m benchmarks.step_overhead

A small network is trained by `train`, with all hooks and logging, and block by block in turn by a
loop that anyone would write: next batch, forward, backward, step. Both have a loader of the same
people, whose samples are ready, and the same optimizer; what differs is the engine.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from benchmarks.speed_script import options_parser, publish
from poseforge.datasets import SyntheticPeople
from poseforge.engine.adapters import total_loss
from poseforge.engine.config import RunConfig
from poseforge.engine.data import open_source
from poseforge.engine.hooks import Hook
from poseforge.engine.train import train
from poseforge.models.device import to_device
from poseforge.profiling.result_file import Measurement, measurement
from poseforge.structures import Batch, Sample

MOST_MS = 1.0  # what is promised
CLOCKS = {"processor": time.process_time, "wall": time.perf_counter}
SIDE = 32  # pixels of the input
OPTIMIZER = {"type": "AdamW", "lr": 1e-3}


class ReadyPeople(SyntheticPeople):
    """Generated people that are drawn once."""

    def __init__(self, num_people: int) -> None:
        super().__init__(num_people, size=SIDE)
        self.samples = [super(ReadyPeople, self).__getitem__(i) for i in range(num_people)]

    def __getitem__(self, index: int) -> Sample:
        return self.samples[index]


class Alternate(Hook):
    """Time blocks of the run's iterations, and between them blocks of the bare loop.

    Args:
        block: Iterations.
        make_bare: From the runner to the bare loop's iteration.
        rounds: Where the seconds of each clock go: (the engine's, the bare loop's) each round.
    """

    priority = "LOWEST"

    def __init__(
        self,
        block: int,
        make_bare: Callable[[Any], Callable[[], None]],
        rounds: dict[str, list[tuple[float, float]]],
    ) -> None:
        self.block = block
        self.make_bare = make_bare
        self.rounds = rounds
        self._began: dict[str, float] = {}

    def before_train(self, runner: Any) -> None:
        self._bare = self.make_bare(runner)

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        if (runner.iter + 1) % self.block:
            return
        engine = self._now(runner)
        for _ in range(self.block):
            self._bare()
        end = self._now(runner)
        for clock, began in self._began.items():  # none at the end of the first block, a warm-up
            took = engine[clock] - began, end[clock] - engine[clock]
            self.rounds.setdefault(clock, []).append(took)
        self._began = self._now(runner)

    def _now(self, runner: Any) -> dict[str, float]:
        if runner.model.device.type == "cuda":
            torch.cuda.synchronize()
        return {name: clock() for name, clock in CLOCKS.items()}


def bare_loop(runner: Any) -> Callable[[], None]:
    """Return one iteration of the bare loop, on a copy of the run's model."""
    device = runner.model.device
    model = deepcopy(runner.model.estimator).train()
    kind = getattr(torch.optim, OPTIMIZER["type"])
    optimizer = kind(model.parameters(), lr=OPTIMIZER["lr"], fused=True)
    source = open_source(
        ReadyPeople(len(runner.sample_names)), "train_dataloader", runner.config, runner.world,
        train=True,
    )  # fmt: skip
    batches = _endless(source.loader)

    def iteration() -> None:
        optimizer.zero_grad()
        total_loss(model(to_device(next(batches), device), "loss")).backward()
        optimizer.step()

    return iteration


def _endless(loader: Any) -> Iterator[Batch]:
    while True:
        yield from loader


def make_config(folder: Path, block: int, rounds: int, device: str | None) -> RunConfig:
    """Return a run of a small network on ready samples, without validation."""
    crop = {"type": "Crop", "size": (SIDE, SIDE)}
    return RunConfig(
        "toy",
        {
            "codec": {"type": "Heatmap", "input_size": (SIDE, SIDE), "stride": 4, "sigma_px": 3.0},
            "model": {
                "type": "TopDown",
                "skeleton": "lsp14",
                "backbone": {"type": "ConvStack", "channels": (8, 8)},
                "head": {
                    "type": "HeatmapHead", "in_channels": 8, "num_keypoints": 14, "widths": (8,),
                    "kernel_size": 3, "loss": {"type": "HeatmapMSE"},
                },
            },
            "train_dataloader": {
                "dataset": {"type": "benchmarks.step_overhead.ReadyPeople", "num_people": 64},
                "transforms": [{"type": "Read"}, crop],
                "batch_size": 4,
            },
            "optim_wrapper": {"optimizer": OPTIMIZER},
            "train_cfg": {
                "max_iters": block * (rounds + 1), "val_interval": 10**9, "save_interval": 10**9,
                "log_interval": 20,
            },
            "work_dir": str(folder),
            "device": device,
        },
    )  # fmt: skip


def measure(block: int, rounds: int, device: str | None) -> list[Measurement]:
    """Measure and return milliseconds an iteration by each clock: both sides and the difference."""
    times: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        config = make_config(Path(name) / "run", block, rounds, device)
        hook = {"type": Alternate, "block": block, "make_bare": bare_loop, "rounds": times}
        config.values["custom_hooks"] = [hook]
        train(config, Console(quiet=True), launcher="none", resume=None)
    items = []
    for clock, pairs in times.items():
        engine, bare = 1000 * np.array(pairs).T / block
        for label, values in (
            ("PoseForge", engine), ("bare loop", bare), ("PoseForge − bare loop", engine - bare),
        ):  # fmt: skip
            items.append(measurement(f"an iteration, {clock} time: {label}", "ms", values.tolist()))
    return items


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = options_parser("Measure what the engine costs an iteration.")
    parser.add_argument("--block", type=int, default=200, help="iterations of a timing")
    parser.add_argument("--rounds", type=int, default=15, help="timings of each side")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    options = parser.parse_args(arguments)
    block, rounds = (4, 2) if options.tiny else (options.block, options.rounds)
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    os.environ["OMP_NUM_THREADS"] = "1"  # the engine leaves the number of threads to whoever says
    torch.set_num_threads(1)
    measurements = measure(block, rounds, device)
    publish(
        "step_overhead",
        options,
        measurements,
        settings={"block": block, "rounds": rounds, "threads": 1},
        notes=[floor(item) for item in measurements if "−" in item["name"]],
        device=torch.device(device),
    )
    return 0


def floor(difference: Measurement) -> str:
    """Say whether the promise is kept."""
    kept = "kept" if difference["median"] < MOST_MS else "NOT KEPT"
    return f"{difference['name']} in less than {MOST_MS} ms: {difference['median']:.2f} ms, {kept}"


if __name__ == "__main__":
    sys.exit(main())
