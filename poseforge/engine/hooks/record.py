import json
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from poseforge.engine import distributed
from poseforge.engine.mmengine_parts import Hook
from poseforge.files import write_text
from poseforge.registry import HOOKS


@HOOKS.register_module()
class RecordHook(Hook):
    """Write what happens: a JSON line a step, a line of text a while, TensorBoard.

    Losses stay on the device until a record is due, then one copy brings all of them; so logging
    makes the device wait once an interval.

    Args:
        work_dir: The run's folder; gets `steps.jsonl`, `train.log` and `tensorboard/`.
        interval: Iterations between records.

    Attributes:
        latest: The newest record: `iteration`, `epoch`, `lr`, `images_per_s` and the losses.
    """

    priority = "LOW"

    def __init__(self, work_dir: Path, interval: int) -> None:
        self.work_dir = work_dir
        self.interval = interval
        self.latest: dict[str, float] = {}
        self._names: list[str] = []
        self._waiting: list[tuple[dict[str, Any], Tensor]] = []
        self._since = 0.0
        self._images = 0
        self._board: Any = None

    def after_resume(self, runner: Any) -> None:
        """Forget steps beyond the one that the run goes on from; they are done again."""
        path = self.work_dir / "steps.jsonl"
        if not runner.world.is_main or not path.is_file():
            return
        whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")  # a kill tears a line
        lines = whole.splitlines()
        kept = [line for line in lines if json.loads(line)["iteration"] <= runner.iter]
        write_text(path, "".join(f"{line}\n" for line in kept))

    def before_train(self, runner: Any) -> None:
        if runner.iter == 0 and runner.world.is_main:
            (self.work_dir / "steps.jsonl").unlink(missing_ok=True)  # of a run that saved nothing
        if runner.rate is not None and runner.world.is_main:
            self.say(str(runner.rate))
        self._since = time.perf_counter()

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        groups = runner.optim_wrapper.optimizer.param_groups
        where = {
            "iteration": runner.iter + 1,
            "epoch": runner.epoch,
            "time": round(time.time(), 3),
            "lr": max(group["lr"] for group in groups),
        }
        names = sorted(outputs.keys() - {"stop"})
        if names != self._names:
            self._flush(runner)  # a new phase has losses of its own
            self._names = names
        self._images += len(data_batch["index"]) * runner.world.size
        # Copies: what a CUDA graph returns is overwritten by its next run.
        values = torch.stack([outputs[name].float() for name in names])
        self._waiting.append((where, values))
        if (runner.iter + 1) % self.interval == 0:
            self._flush(runner)

    def before_val_epoch(self, runner: Any) -> None:
        self._flush(runner)

    def before_save(self, runner: Any) -> None:
        """Write what waits, so that the steps on file reach as far as the checkpoint."""
        self._flush(runner)

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        self._since, self._images = time.perf_counter(), 0
        if not runner.world.is_main:
            return
        values = "  ".join(f"{name} {value:.2f}" for name, value in (metrics or {}).items())
        best = "  (best so far)" if runner.stale_validations == 0 else ""
        self.say(f"validation after epoch {runner.epoch}, iteration {runner.iter}: {values}{best}")
        for name, value in (metrics or {}).items():
            self._scalar(f"val/{name}", value, runner.iter)

    def after_train(self, runner: Any) -> None:
        self._flush(runner)
        if self._board is not None:
            self._board.close()

    def say(self, line: str) -> None:
        """Add a line to the run's log."""
        with (self.work_dir / "train.log").open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {line}\n")

    def _flush(self, runner: Any) -> None:
        if not self._waiting:
            return
        rows = [values for _, values in self._waiting]
        table = distributed.mean_over_processes(torch.stack(rows))
        rate = self._images / max(time.perf_counter() - self._since, 1e-9)
        records = [
            {**where, **dict(zip(self._names, values, strict=True)), "images_per_s": round(rate, 2)}
            for (where, _), values in zip(self._waiting, table.tolist(), strict=True)
        ]
        self._waiting.clear()
        self._since, self._images = time.perf_counter(), 0
        self.latest = records[-1]
        if runner.world.is_main:
            self._write(records)

    def _write(self, records: list[dict[str, Any]]) -> None:
        with (self.work_dir / "steps.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(record)}\n" for record in records)
        last = records[-1]
        self.say("  ".join(f"{k} {_short(v)}" for k, v in last.items() if k != "time"))
        for name, value in last.items():
            if name not in ("iteration", "epoch", "time"):
                self._scalar(f"train/{name}", value, last["iteration"])

    def _scalar(self, name: str, value: float, iteration: int) -> None:
        if self._board is None:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(self.work_dir / "tensorboard"))
        self._board.add_scalar(name, value, iteration)


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.5g}"
