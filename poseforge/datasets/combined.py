import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.registry import DATASETS
from poseforge.structures import People, Sample


@DATASETS.register_module()
class Combined(PoseDataset):
    """Several data sets of one skeleton as one, each as often as its ratio says.

    Args:
        datasets: The parts.
        ratios: How often each part's people come, one number a part; 2.5 is every person twice
            and an evenly spread half of them a third time. None is once each.

    Raises:
        ValueError: There are no parts, their skeletons differ, or `ratios` does not fit them.
    """

    def __init__(
        self, datasets: Sequence[PoseDataset], ratios: Sequence[float] | None = None
    ) -> None:
        self.datasets = list(datasets)
        self.ratios = [1.0] * len(self.datasets) if ratios is None else [float(r) for r in ratios]
        _check(self.datasets, self.ratios)
        self.name = "+".join(part.name for part in self.datasets)
        self.skeleton = self.datasets[0].skeleton
        self.protocol = "; ".join(dict.fromkeys(part.protocol for part in self.datasets))
        rows = [
            repeated_rows(len(part), ratio)
            for part, ratio in zip(self.datasets, self.ratios, strict=True)
        ]
        self._part = np.repeat(np.arange(len(rows)), [len(r) for r in rows])  # (N,)
        self._row = np.concatenate(rows)  # (N,)
        self.people = People.concatenate(
            [part.people[chosen] for part, chosen in zip(self.datasets, rows, strict=True)]
        )

    @property
    def truth(self) -> People:
        """Everyone who is to be found in any of the parts, once each."""
        return People.concatenate([part.truth for part in self.datasets])

    def __getitem__(self, index: int) -> Sample:
        return self.datasets[int(self._part[index])][int(self._row[index])]

    def fingerprint(self) -> str:
        parts = zip(self.datasets, self.ratios, strict=True)
        text = "\n".join(f"{part.fingerprint()} {ratio!r}" for part, ratio in parts)
        return hashlib.sha256(text.encode()).hexdigest()


def repeated_rows(size: int, ratio: float) -> NDArray[np.int64]:
    """Return the rows of a part: all of them floor(ratio) times, then an evenly spread rest."""
    whole = int(ratio)
    rest = round((ratio - whole) * size)
    spread = np.arange(rest, dtype=np.int64) * size // max(rest, 1)
    return np.concatenate([np.tile(np.arange(size, dtype=np.int64), whole), spread])


def _check(datasets: list[PoseDataset], ratios: list[float]) -> None:
    if not datasets:
        raise ValueError("Combined has no data sets; give it at least one in `datasets`")
    if len(ratios) != len(datasets) or not all(0 < ratio < float("inf") for ratio in ratios):
        raise ValueError(
            f"ratios={ratios} does not fit {len(datasets)} data sets; give one positive number each"
        )
    first = datasets[0]
    for part in datasets[1:]:
        if part.skeleton != first.skeleton:
            raise ValueError(
                f"data set '{part.name}' has skeleton '{part.skeleton.name}' but '{first.name}' "
                f"has '{first.skeleton.name}'; combine data sets of one skeleton only"
            )
