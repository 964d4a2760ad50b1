"""The data sets of a config's loaders."""

from collections.abc import Iterable, Sequence
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


def parts_by_name(datasets: Iterable["PoseDataset"]) -> dict[str, "PoseDataset"]:
    """Return the data sets that others are combined of, each once, by name.

    Raises:
        ValueError: Two that differ have one name.
    """
    from poseforge.datasets.packing import parts_of

    parts: dict[str, PoseDataset] = {}
    for part in (part for dataset in datasets for part in parts_of(dataset)):
        other = parts.setdefault(part.name, part)
        if other is not part and other.fingerprint() != part.fingerprint():
            raise ValueError(
                f"the config has two data sets that are called {part.name} and differ; take them "
                "one after the other, with a config or --loaders for each and another --out"
            )
    return parts
