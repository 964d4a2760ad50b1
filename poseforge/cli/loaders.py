"""The data sets of a config's loaders."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poseforge.datasets import PoseDataset

LOADERS = {
    "train": "train_dataloader",
    "val": "val_dataloader",
    "test": "test_dataloader",
}


def datasets_of(path: Path, roles: Sequence[str] = tuple(LOADERS)) -> dict[str, "PoseDataset"]:
    """Return a config's data sets by role; one that is both val and test comes once.

    Raises:
        ValueError: The config has none of them.
    """
    from poseforge.engine.config import load_config
    from poseforge.registry import DATASETS, build

    config = load_config(path)
    keys = {role: LOADERS[role] for role in roles}
    settings = {role: config.section(key) for role, key in keys.items() if config.values.get(key)}
    if not settings:
        raise ValueError(f"the config {path} has none of {', '.join(keys.values())}; add one")
    datasets = {}
    held_out: list[object] = []
    for role, section in settings.items():
        if role != "train":
            if section.dataset in held_out:
                continue
            held_out.append(section.dataset)
        datasets[role] = build(section.dataset, DATASETS)
    return datasets
