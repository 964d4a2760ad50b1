"""A training fed by PoseForge, to be timed: `python -m benchmarks.poseforge_training FOLDER`."""

import platform
import sys
from pathlib import Path

import torch

from benchmarks.fed_training import read_task
from benchmarks.timed_calls import Case, serve
from benchmarks.timed_training import Feed, TimedTraining

ALONE = "one batch of noise again and again"
ON_DEVICE = "train_dataloader.augment=device"


def cases_of(folder: Path) -> dict[str, Case[None]]:
    """Return what can be timed: functions that return images a second."""
    task = read_task(folder)
    model = TimedTraining(task.config(), task.torch_device)
    images = task.steps * model.batch_size
    people = {"type": "CocoStyle", **task.files, "skeleton": "coco17"}
    region = {"type": "CachedRegions", "dataset": people, "file": str(folder / "people.regions")}
    cache = f"train_dataloader.dataset.datasets={[region]}"
    feeds = {
        "loader": (),
        "loader, augment=device": (ON_DEVICE,),
        "loader, cached": (cache,),
        "loader, cached, augment=device": (cache, ON_DEVICE),
    }

    def fed(overrides: tuple[str, ...]) -> Case[None]:
        feed = Feed(task.config(*overrides), model.estimator)
        return lambda _: [images / model.fed(task.plan, feed)]

    return {
        ALONE: lambda _: [images / model.alone(task.plan, model.train)],
        **{name: fed(overrides) for name, overrides in feeds.items()},
    }


if __name__ == "__main__":
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    serve(cases_of(Path(sys.argv[1])), {"people": None}, versions)
