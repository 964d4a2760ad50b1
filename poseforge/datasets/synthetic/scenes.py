"""Pictures of generated people, each with everyone in it as one sample."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.scenes import with_everyone
from poseforge.datasets.synthetic.dataset import SyntheticPeople
from poseforge.registry import DATASETS
from poseforge.structures import People, Sample


@DATASETS.register_module()
class SyntheticScenes(PoseDataset):
    """What `Scenes` makes of generated people, at once.

    `Scenes` asks for everyone's annotations before it knows its images. Here nobody's are computed
    before their picture is drawn, however many people there are to train on, unless `people` is
    asked for, which scoring does. Pictures in which nobody is to be found are samples too.

    Args:
        dataset: Whose pictures.
    """

    protocol = "whole image"

    def __init__(self, dataset: SyntheticPeople) -> None:
        self.dataset = dataset
        self.name, self.skeleton = dataset.name, dataset.skeleton

    @property
    def people(self) -> People:  # type: ignore[override]
        """Everyone, one row a person."""
        return self.dataset.people

    @property
    def typical_people(self) -> People:
        """Those of the data set."""
        return self.dataset.typical_people

    @cached_property
    def sample_names(self) -> NDArray[np.str_]:
        """(len(self),) the pictures' names."""
        return self.dataset.picture_names(np.arange(len(self)))

    def __len__(self) -> int:
        return len(self.dataset.pictures) - 1

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < len(self):
            raise IndexError(
                f"index {index} is not a picture of this data set; choose 0 to {len(self) - 1}"
            )
        image, everyone = self.dataset.draw(index)
        return with_everyone({"image": image}, everyone)

    def fingerprint(self) -> str:
        return f"{self.dataset.fingerprint()}, scenes"
