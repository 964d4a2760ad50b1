"""A picture that is drawn by a worker and made on the device."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import affine
from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class Deferred:
    """What is to be done to a sample's image, in this order: warp it, recolour it, cover parts.

    Attributes:
        size: (width, height) of the picture that this makes.
        warp: (2, 3) pixels of the sample's `image` to those of the picture.
        fill: Grey value of what lies outside the image.
        colors: (3, 4) map of the picture's colours; None leaves them.
        holes: (N, 4) what is covered, x1 y1 x2 y2 in pixels, the last column and row not included;
            empty where both are equal. None covers nothing in any sample.
        noise: (T, T, 3) uint8, repeated side by side, is what covers; None is the mean colour.
    """

    size: tuple[int, int]
    warp: Floats
    fill: float = 0.0
    colors: Floats | None = None
    holes: NDArray[np.int64] | None = None
    noise: NDArray[np.uint8] | None = None

    def mirrored(self) -> "Deferred":
        """Return it with the picture mirrored."""
        return replace(self, warp=affine.compose(affine.mirror_matrix(self.size[0]), self.warp))
