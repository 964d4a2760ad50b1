"""Images a second of configs' training steps, predictions and data loading, on this machine.

    python -m benchmarks.throughput configs/cpm_lsp.py configs/hmappose_lsp.py --amp bf16

The model alone runs on a random uint8 batch that is on the device already. Each repeat times every
part of every config in turn, so that a change of the machine's state meets all alike.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from benchmarks.result import RESULTS, write_result
from benchmarks.timed_training import Feed, Plan, TimedTraining
from benchmarks.tiny import tiny_overrides
from poseforge.datasets.root import DataNotFoundError
from poseforge.engine.config import RunConfig, load_config
from poseforge.engine.distributed import World, claim_device
from poseforge.profiling.result_file import Measurement, measurement, new_result, ratio

STEP, PREDICTION, LOADING, TOGETHER = (
    "training step, model alone",
    "prediction, model alone",
    "data loading alone",
    "training step with data loading",
)


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
    parser.add_argument(
        "--cfg-options", nargs="+", default=[], metavar="KEY=VALUE", help="overrides of all configs"
    )
    parser.add_argument("--tiny", action="store_true", help="seconds on a CPU, to try this out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    parser.add_argument("--commit", help="the commit, on a machine without git")
    return parser.parse_args(arguments)


def _overrides(path: Path, options: argparse.Namespace) -> list[str]:
    chosen = tiny_overrides(path) if options.tiny else []
    values = {"batch_size": options.batch_size, "num_workers": options.workers}
    chosen += [f"train_dataloader.{k}={v}" for k, v in values.items() if v is not None]
    return [*chosen, f"optim_wrapper.amp={options.amp}", *options.cfg_options]


class Subject:
    """A config's model, optimizer and data on a device.

    Args:
        config: What is timed.
        device: Where.

    Attributes:
        notes: What could not be timed, and why.
    """

    def __init__(self, config: RunConfig, device: torch.device) -> None:
        self.config = config
        self.notes: list[str] = []
        self.model = TimedTraining(config, device)
        self.settings = {
            "batch_size": self.model.batch_size,
            "num_workers": config.section("train_dataloader").num_workers,
            "input_size": list(self.model.estimator.codec.input_size),
            "channels_last": config.train.channels_last,
        }
        self.feed = self._find_data()

    def _find_data(self) -> Feed | None:
        try:
            return Feed(self.config, self.model.estimator)
        except DataNotFoundError as error:
            kind = str(error).partition(" is not at")[0]
            self.notes.append(f"{self.config.name}: no data loading was timed: {kind} is not here")
            return None

    def parts(self) -> dict[str, Callable[[Plan], float]]:
        """Return what can be timed: functions that return seconds, by name."""
        model, feed = self.model, self.feed
        parts: dict[str, Callable[[Plan], float]] = {
            STEP: lambda plan: model.alone(plan, model.train),
            PREDICTION: lambda plan: model.alone(plan, model.predict),
        }
        if feed is not None:
            parts[LOADING] = feed.seconds
            parts[TOGETHER] = lambda plan: model.fed(plan, feed)
        return parts


def measure(subjects: Sequence[Subject], plan: Plan) -> list[Measurement]:
    """Time every part of every subject in turn, `plan.repeats` times."""
    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(plan.repeats):
        for subject in subjects:
            for name, seconds in subject.parts().items():
                images = plan.steps * subject.model.batch_size
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
