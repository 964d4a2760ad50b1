"""The data set contract."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import People, Sample, Skeleton


class PoseDataset(ABC):
    """People with images, by number.

    Attributes:
        name: What tables call it.
        skeleton: What its keypoints are.
        people: All annotations as flat arrays: (N, ...). Evaluation reads the truth from here.
        protocol: How a person's box comes about, in words; printed beside every score.
    """

    name: str
    skeleton: Skeleton
    people: People
    protocol: str

    @property
    def truth(self) -> People:
        """Everyone who is to be found: `people`, but where boxes are a detector's or crowds count.

        Metrics that match poses to people by themselves are given this; the others need `people`
        to be annotated.
        """
        return self.people

    @property
    def typical_people(self) -> People:
        """People enough for means over them: `people`, unless these take long to compute."""
        return self.people

    @property
    def sample_names(self) -> NDArray[np.str_]:
        """(len(self),) what the samples are called: whom or what predictions are of."""
        return self.people.ids

    def __len__(self) -> int:
        return len(self.people)

    @abstractmethod
    def __getitem__(self, index: int) -> Sample:
        """Return one person with `image_path` or `image`, `keypoints`, `visible` and `box`."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a digest of what the data set holds, the same on every machine."""
