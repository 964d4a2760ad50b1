"""One process against two, on this machine's processor: what sharing gradients costs.

    python -m benchmarks.two_processes

The network of configs/quickstart.py trains on a random batch, of the same size in each process, by
one process alone and by two under Gloo, with DDP and with FSDP. Each process has one thread. They
take turns, round by round, and each round forks its processes anew. With two cores the best is
twice the images a second; on a machine that does other work too it is less.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from benchmarks.speed_script import options_parser, publish
from poseforge.engine.adapters import RunnerModel
from poseforge.engine.config import RunConfig, load_config
from poseforge.engine.distributed import World
from poseforge.engine.optim import build_wrapper
from poseforge.engine.settings import Strategy
from poseforge.models.build import build_estimator
from poseforge.profiling.result_file import Measurement, measurement, ratio
from poseforge.testing import example_batch

CONFIG = Path(__file__).parents[1] / "configs" / "quickstart.py"
CASES: dict[str, tuple[int, Strategy]] = {
    "one process": (1, "ddp"),
    "two processes, DDP": (2, "ddp"),
    "two processes, FSDP": (2, "fsdp"),
}


@dataclass(frozen=True)
class Plan:
    """How long everything runs.

    Attributes:
        batch: Samples a step and process.
        warmup: Steps that are not timed.
        steps: Steps that are.
        rounds: Timings of each case.
    """

    batch: int
    warmup: int
    steps: int
    rounds: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = options_parser("Time one process against two.")
    parser.add_argument("--rounds", type=int, default=7, help="timings of each case")
    options = parser.parse_args(arguments)
    plan = Plan(2, 1, 1, 1) if options.tiny else Plan(32, 3, 15, options.rounds)
    config = load_config(CONFIG)
    rounds = [
        {name: rate(config, plan, *case) for name, case in CASES.items()}
        for _ in range(plan.rounds)
    ]
    cores = len(os.sched_getaffinity(0))
    publish(
        "two_processes",
        options,
        measurements(rounds),
        settings={"plan": vars(plan), "threads_a_process": 1},
        notes=[
            f"The processes share {cores} cores with whatever else the machine does; two processes "
            "can be twice as fast only on two idle cores.",
            "Gloo's all-reduce goes through the processor's memory: this says nothing of GPUs.",
        ],
    )
    return 0


def measurements(rounds: Sequence[dict[str, float]]) -> list[Measurement]:
    """Return each case's images a second, and how many times those of one process they are."""
    found = {name: measurement(name, "images/s", [r[name] for r in rounds]) for name in CASES}
    alone = found["one process"]
    others = [name for name in CASES if name != "one process"]
    return [*found.values(), *(ratio(f"{n} ÷ one process", found[n], alone) for n in others)]


def rate(config: RunConfig, plan: Plan, size: int, strategy: Strategy) -> float:
    """Return the images a second of `size` processes, all started anew."""
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        results = context.SimpleQueue()
        stack.callback(results.close)
        members = [
            context.Process(
                target=_train, args=(config, plan, rank, size, strategy, folder, results)
            )
            for rank in range(size)
        ]
        for member in members:
            member.start()
        for member in members:
            member.join()
        if any(member.exitcode for member in members):
            raise RuntimeError("a process has failed; its error stands above")
        slowest = max(results.get() for _ in members)
    return size * plan.batch * plan.steps / slowest


def _train(
    config: RunConfig, plan: Plan, rank: int, size: int, strategy: Strategy, folder: str, out: Any
) -> None:
    """Put the seconds of the timed steps into `out`."""
    torch.set_num_threads(1)
    if size > 1:
        store = dist.FileStore(f"{folder}/store", size)
        dist.init_process_group("gloo", store=store, rank=rank, world_size=size)
    torch.manual_seed(0)
    estimator = build_estimator(config.model)
    batch = example_batch(
        estimator.codec.input_size, estimator.skeleton.num_keypoints, batch_size=plan.batch
    )
    world = World(rank, size)
    model = RunnerModel(estimator, torch.device("cpu"), world, strategy=strategy)
    wrapper = build_wrapper(estimator, config.optim, "cpu")
    for step in range(plan.warmup + plan.steps):
        if step == plan.warmup:
            start = time.perf_counter()
        model.train_step(batch, wrapper)
    out.put(time.perf_counter() - start)
    if size > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    sys.exit(main())
