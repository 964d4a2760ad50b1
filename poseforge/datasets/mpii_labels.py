"""MPII's labels, whichever file they come from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.structures.affine import Floats

NUM_JOINTS = 16
PERSON_PX = 200  # a person of scale 1 is so tall, pixels
LOWER_PX = 15  # at scale 1 the annotated centre lies so far above the middle of the body, pixels


@dataclass(frozen=True)
class MpiiLabels:
    """The people of one file, in its order.

    MPII counts pixels from 1 in every file that carries its name; here they count from 0.

    Attributes:
        images: (N,) file names.
        numbers: (N,) each person's number within the image.
        keypoints: (N, 16, 2) pixels; 0 where not labelled.
        visible: (N, 16): 0, 1 or 2.
        centers: (N, 2) the annotated middle of the person, pixels.
        scales: (N,) height in units of 200 px; NaN or negative where unknown.
        head_sizes: (N,) px, NaN where unknown; length 0 where the file has none.
    """

    images: NDArray[np.str_]
    numbers: NDArray[np.int64]
    keypoints: Floats
    visible: Floats
    centers: Floats
    scales: Floats
    head_sizes: Floats

    def __len__(self) -> int:
        return len(self.images)

    def boxes(self) -> Floats:
        """Return (N, 4) boxes from centre and scale; NaN where either is unknown.

        A square of 200 x scale pixels, its middle 15 x scale pixels below the annotated one, so
        that feet are inside: what HRNet (Sun et al., CVPR 2019) and Simple Baselines crop, which
        then pad it by 1.25.
        """
        known = np.isfinite(self.centers).all(axis=-1) & (self.scales > 0)
        scales = np.where(known, self.scales, np.nan)[:, None]
        middles = self.centers + scales * [0, LOWER_PX]
        half = scales * (PERSON_PX / 2)
        return np.concatenate([middles - half, middles + half], axis=-1)
