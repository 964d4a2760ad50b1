import json
from pathlib import Path
from typing import Any

import numpy as np

from poseforge.engine.mmengine_parts import Hook
from poseforge.engine.pictures import prediction_sheet
from poseforge.registry import HOOKS
from poseforge.visualization.files import save_image


@HOOKS.register_module()
class PicturesHook(Hook):
    """Draw the curves and a sheet of validation predictions after every validation.

    Args:
        work_dir: The run's folder; gets `curves.png` and `predictions/`.
        people: How many people the sheet shows, the same ones each time.
    """

    priority = "LOWEST"

    def __init__(self, work_dir: Path, people: int = 16) -> None:
        self.work_dir = work_dir
        self.people = people

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        from poseforge.visualization.training_curves import plot_curves  # loads matplotlib

        if not runner.world.is_main:
            return
        lines = (self.work_dir / "steps.jsonl").read_text(encoding="utf-8").splitlines()
        records = [*map(json.loads, lines), *runner.history]
        name = next(iter(metrics or {}))
        plot_curves(
            [{"step": record["iteration"], **record} for record in records],
            self.work_dir / "curves.png",
            losses=("total",),
            metrics=(name,),
        )
        validation = runner.validation
        rows = np.linspace(
            0, len(validation.dataset) - 1, min(self.people, len(validation.dataset))
        )
        sheet = prediction_sheet(
            validation.dataset, validation.predictions, rows.astype(int).tolist()
        )
        save_image(self.work_dir / "predictions" / f"iteration_{runner.iter:07d}.jpg", sheet)
