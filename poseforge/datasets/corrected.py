import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.corrections import ACTIONS, Action, read_corrections
from poseforge.registry import DATASETS
from poseforge.structures import People, Sample


@DATASETS.register_module()
class Corrected(PoseDataset):
    """A data set's people with the labels that `poseforge data sides` found wrong put right.

    Of those to be mirrored, left and right labels change places and no point moves; those to be
    dropped are left out. Put it around the parts of a `Combined`; it may stand around or within
    `CachedRegions`, and around `PackedCrops` of the data set for which the file was made. Within,
    the cache is one of its own.

    Args:
        dataset: Whose people; each is a sample.
        file: What `poseforge data sides` wrote about the data set of this name.
        actions: Which of its corrections are made: "mirror", "drop", or both.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no such file, or of other labels, an action is not known, samples are not
            one person each, or nobody is left.
    """

    def __init__(
        self, dataset: PoseDataset, file: str | Path, *, actions: Sequence[Action] = ACTIONS
    ) -> None:
        if not set(actions) <= set(ACTIONS):
            raise ValueError(f"actions={actions!r} is not allowed; give some of {ACTIONS}")
        if not np.array_equal(dataset.sample_names, dataset.people.ids):
            raise ValueError(
                f"the samples of {dataset.name} are not one person each; put Corrected inside of "
                "Scenes"
            )
        self.dataset = dataset
        self.name, self.skeleton, self.protocol = dataset.name, dataset.skeleton, dataset.protocol
        found = read_corrections(Path(file).expanduser(), dataset)
        self._corrections = {who: action for who, action in found.items() if action in actions}
        self._rows = np.flatnonzero(~self._is("drop", dataset.people))
        if not len(self._rows):
            raise ValueError(f"{file} leaves nobody of {dataset.name}; make it by a stricter rule")
        self.people = self._correct(dataset.people)
        self._is_mirrored = self._is("mirror", self.people)

    @property
    def truth(self) -> People:
        """Everyone who is to be found, corrected alike."""
        return self._correct(self.dataset.truth)

    def __getitem__(self, index: int) -> Sample:
        sample = self.dataset[int(self._rows[index])]
        if not self._is_mirrored[index]:
            return sample
        order = self.skeleton.flip_indices
        return {
            **sample,
            "keypoints": sample["keypoints"][order],
            "visible": sample["visible"][order],
        }

    def fingerprint(self) -> str:
        text = f"{self.dataset.fingerprint()} {sorted(self._corrections.items())}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _is(self, action: Action, people: People) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return (N,) of whom this is to be done."""
        return np.array([self._corrections.get(who) == action for who in people.ids.tolist()], bool)

    def _correct(self, people: People) -> People:
        kept = people[~self._is("drop", people)]
        is_mirrored = self._is("mirror", kept)[:, None]
        mirrored = kept.relabelled(self.skeleton.flip_indices)
        return replace(
            kept,
            keypoints=np.where(is_mirrored[..., None], mirrored.keypoints, kept.keypoints),
            visible=np.where(is_mirrored, mirrored.visible, kept.visible),
        )
