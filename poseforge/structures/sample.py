"""What travels through the house: one person's sample, a batch of them, and its prediction.

Letters: B batch, K keypoints, C channels, H W pixels or cells. Coordinates are (x, y)
pixels under the convention of affine.py. `visible` has one meaning everywhere: 0 not labelled,
1 labelled and hidden, 2 labelled and seen.
"""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from poseforge.structures.affine import Floats


class Sample(TypedDict, total=False):
    """One person. A data set gives the upper part; transforms fill the lower part."""

    image_path: str  # where `image` is read from; absent where the data set draws it
    keypoints: Floats  # (K, 2) float32, pixels of the current `image`
    visible: Floats  # (K,) float32: 0, 1 or 2
    box: Floats  # (4,) float32 x1 y1 x2 y2, pixels of the current `image`
    image: NDArray[np.uint8]  # (H, W, 3) RGB
    matrix: Floats  # (2, 3) float64, original image to current `image` pixels
    center: Floats  # (2,) float32, the person's middle, pixels of the current `image`


class Batch(TypedDict):
    """Samples stacked in a worker; everything is a tensor, so one copy moves it."""

    image: Tensor  # (B, 3, H, W) uint8 RGB
    keypoints: Tensor  # (B, K, 2) float32, input pixels
    visible: Tensor  # (B, K) float32
    matrix: Tensor  # (B, 2, 3) float32, original image to input pixels
    center: Tensor  # (B, 2) float32, the person's middle in input pixels
    index: Tensor  # (B,) int64, the sample's number in its data set


class Prediction(TypedDict):
    """What an estimator predicts for a batch."""

    keypoints: Tensor  # (B, K, 2) float32, original image pixels
    scores: Tensor  # (B, K) float32, higher is surer
