from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from poseforge.engine.hooks.record import RecordHook
from poseforge.engine.mmengine_parts import Hook
from poseforge.registry import HOOKS


@HOOKS.register_module()
class ProgressHook(Hook):
    """Show the run on the terminal: a bar where there is one, else a line a record.

    Args:
        console: Where to print.
        record: The hook whose newest record is shown.
    """

    priority = "VERY_LOW"

    def __init__(self, console: Console, record: RecordHook) -> None:
        self.console = console
        self.record = record
        self._shown = 0
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TextColumn("{task.fields[rate]} images/s"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("train", total=None, epoch=1, loss="-", rate="-")

    def before_train(self, runner: Any) -> None:
        self._bar.update(self._task, total=runner.max_iters, completed=runner.iter)
        self._bar.start()
        if runner.rate is not None:
            self.console.print(str(runner.rate), highlight=False)

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        latest = self.record.latest
        is_new = bool(latest) and latest["iteration"] != self._shown
        if is_new:
            self._shown = int(latest["iteration"])
            loss, rate = f"{latest['total']:.4g}", f"{latest['images_per_s']:.1f}"
            self._bar.update(self._task, loss=loss, rate=rate)
        if self.console.is_terminal:
            self._bar.update(self._task, completed=runner.iter + 1, epoch=runner.epoch + 1)
        elif is_new:
            self.console.print(
                f"iteration {self._shown}/{runner.max_iters}  epoch {runner.epoch + 1}  "
                f"loss {loss}  {rate} images/s",
                highlight=False,
            )

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        values = "  ".join(f"{name} {value:.2f}" for name, value in (metrics or {}).items())
        best = "  (best so far)" if runner.stale_validations == 0 else ""
        self.console.print(f"validation  epoch {runner.epoch}  {values}{best}", highlight=False)

    def close(self) -> None:
        """Give the terminal back."""
        self._bar.stop()
