"""Images a second of configs' training steps, predictions and data loading, on this machine.

    python -m benchmarks.throughput configs/cpm_lsp.py configs/hmappose_lsp.py --amp bf16

The model alone runs on a random uint8 batch that is on the device already. Each repeat times every
part of every config in turn, so that a change of the machine's state meets all alike.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.result import RESULTS, Measurement, measurement, new_result, ratio, write_result
from benchmarks.tiny import tiny_overrides
from poseforge.datasets.loading import build_loader
from poseforge.datasets.root import DataNotFoundError
from poseforge.engine.adapters import RunnerModel
from poseforge.engine.config import RunConfig, load_config
from poseforge.engine.data import Source, build_source
from poseforge.engine.distributed import World, claim_device
from poseforge.engine.optim import build_wrapper
from poseforge.models.build import build_estimator
from poseforge.models.device import autocast, to_device
from poseforge.structures import Batch
from poseforge.testing import example_batch

STEP, PREDICTION, LOADING, TOGETHER = (
    "training step, model alone",
    "prediction, model alone",
    "data loading alone",
    "training step with data loading",
)


@dataclass(frozen=True)
class Plan:
    """How long each part runs.

    Args:
        steps: Batches a timing.
        warmup: Batches before it that are not timed.
        repeats: Timings of each part.
    """

    steps: int
    warmup: int
    repeats: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    options = _arguments(arguments)
    plan = Plan(2, 1, 2) if options.tiny else Plan(options.steps, options.warmup, options.repeats)
    device = claim_device(options.device, World())
    try:
        subjects = [
            Subject(load_config(path, _overrides(path, options)), device)
            for path in options.configs
        ]
        measurements = measure(subjects, plan)
        result = new_result(
            "speed",
            options.name,
            device=device,
            settings={
                "plan": vars(plan),
                "amp": options.amp,
                "threads": torch.get_num_threads(),
                "configs": {s.config.name: s.settings for s in subjects},
                "tiny": options.tiny,
            },
            measurements=measurements,
            commit=options.commit,
        )
        result["notes"] = [note for subject in subjects for note in subject.notes]
        for item in measurements:
            print(f"{item['name']}: {item['median']:.4g} {item['unit']}")
        print(f"wrote {write_result(result, options.out)}")
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure images a second of configs' models.")
    parser.add_argument("configs", nargs="+", type=Path, help="config files, timed in turn")
    parser.add_argument("--name", default="throughput", help="what the result is called")
    parser.add_argument("--amp", choices=("bf16", "fp16"), help="mixed precision; default float32")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument("--workers", type=int, help="loader processes; default the configs'")
    parser.add_argument("--batch-size", type=int, help="images a batch; default the configs'")
    parser.add_argument("--steps", type=int, default=30, help="batches a timing")
    parser.add_argument("--warmup", type=int, default=10, help="batches before each timing")
    parser.add_argument("--repeats", type=int, default=7, help="timings of each part")
    parser.add_argument("--tiny", action="store_true", help="seconds on a CPU, to try this out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--commit", help="the commit, on a machine without git")
    return parser.parse_args(arguments)


def _overrides(path: Path, options: argparse.Namespace) -> list[str]:
    chosen = tiny_overrides(path) if options.tiny else []
    values = {"batch_size": options.batch_size, "num_workers": options.workers}
    chosen += [f"train_dataloader.{k}={v}" for k, v in values.items() if v is not None]
    return [*chosen, f"optim_wrapper.amp={options.amp}"]


class Subject:
    """A config's model, optimizer and data on a device.

    Args:
        config: What is timed.
        device: Where.

    Attributes:
        notes: What could not be timed, and why.
    """

    def __init__(self, config: RunConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self.notes: list[str] = []
        torch.manual_seed(config.values["seed"])
        self.layout = config.train.channels_last
        self.estimator = build_estimator(config.model).to(device)
        self.model = RunnerModel(self.estimator, device, World(), channels_last=self.layout)
        self.wrapper = build_wrapper(self.estimator, config.optim, device.type)
        for group in self.wrapper.optimizer.param_groups:
            group["lr"] = 0.0  # the same work, but noise must not drive the weights to infinity
        self.loader = config.section("train_dataloader")
        width, height = self.estimator.codec.input_size
        self.settings = {
            "batch_size": self.loader.batch_size,
            "num_workers": self.loader.num_workers,
            "input_size": [width, height],
            "channels_last": self.layout,
        }
        batch = example_batch(
            (width, height),
            self.estimator.skeleton.num_keypoints,
            batch_size=self.loader.batch_size,
        )
        self.batch = to_device(batch, device, channels_last=self.layout)
        self.source = self._find_data()

    def _find_data(self) -> Source | None:
        try:
            return build_source(
                "train_dataloader", self.config, self.estimator, World(), train=True
            )
        except DataNotFoundError as error:
            kind = str(error).partition(" is not at")[0]
            self.notes.append(f"{self.config.name}: no data loading was timed: {kind} is not here")
            return None

    def parts(self) -> dict[str, Callable[[Plan], float]]:
        """Return what can be timed: functions that return seconds, by name."""
        alone = itertools.repeat(self.batch)
        parts: dict[str, Callable[[Plan], float]] = {
            STEP: lambda plan: self._time(plan, alone, self._train),
            PREDICTION: lambda plan: self._time(plan, alone, self._predict),
        }
        if self.source is not None:
            source = self.source
            parts[LOADING] = lambda plan: self._time(plan, self._batches(source, plan), _ignore)
            parts[TOGETHER] = lambda plan: self._time(
                plan, self._batches(source, plan), self._train
            )
        return parts

    def _time(self, plan: Plan, batches: Iterator[Batch], work: Callable[[Batch], None]) -> float:
        for _ in range(plan.warmup):
            work(next(batches))
        self._wait()
        start = time.perf_counter()
        for _ in range(plan.steps):
            work(next(batches))
        self._wait()
        return time.perf_counter() - start

    def _batches(self, source: Source, plan: Plan) -> Iterator[Batch]:
        """Give real batches, those aside that the workers had made ahead before time began."""
        loader = build_loader(  # a new one, so that no worker works while other parts are timed
            source.dataset,
            source.stream.transforms,
            batch_size=self.loader.batch_size,
            num_workers=self.loader.num_workers,
            train=True,
            pin_memory=self.device.type == "cuda",
        )
        epochs = itertools.chain.from_iterable(itertools.repeat(loader))
        ahead = 2 * self.loader.num_workers  # the loader's own prefetching
        return itertools.islice(epochs, ahead, None)

    def _train(self, batch: Batch) -> None:
        self.model.train()
        self.model.train_step(batch, self.wrapper)

    @torch.inference_mode()
    def _predict(self, batch: Batch) -> None:
        self.estimator.eval()
        with autocast(self.device.type, self.config.optim.amp):
            self.estimator(batch, "predict")

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def _ignore(batch: Batch) -> None:
    """Do nothing with a batch."""


def measure(subjects: Sequence[Subject], plan: Plan) -> list[Measurement]:
    """Time every part of every subject in turn, `plan.repeats` times."""
    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(plan.repeats):
        for subject in subjects:
            for name, seconds in subject.parts().items():
                images = plan.steps * subject.loader.batch_size
                rate = images / seconds(plan)
                rates.setdefault((subject.config.name, name), []).append(rate)
    items = {
        key: measurement(f"{key[0]}: {key[1]}", "images/s", values) for key, values in rates.items()
    }
    shares = [
        ratio(f"{config}: with data loading ÷ model alone", item, items[config, STEP])
        for (config, name), item in items.items()
        if name == TOGETHER
    ]
    return [*items.values(), *shares]


if __name__ == "__main__":
    sys.exit(main())
