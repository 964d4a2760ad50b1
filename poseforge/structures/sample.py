"""What travels through the house: a sample, a batch of them, and its prediction.

A sample is of one person, or of a scene, which is all people of an image; then `keypoints` and
`visible` have an axis of people before that of the keypoints, everywhere below.

Letters: B batch, P people, Q boxes, K keypoints, C channels, H W pixels or cells. Coordinates
are (x, y) pixels under the convention of affine.py. `visible` has one meaning everywhere: 0 not
labelled, 1 labelled and hidden, 2 labelled and seen.
"""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from poseforge.structures.affine import Floats
from poseforge.structures.deferred import Deferred


class Sample(TypedDict, total=False):
    """One person or one scene. A data set gives the upper part; transforms fill the lower part."""

    image_path: str  # where `image` is read from; absent where the data set draws it
    keypoints: Floats  # (K, 2) float32, pixels of the current `image`; of a scene (P, K, 2)
    visible: Floats  # (K,) float32: 0, 1 or 2; of a scene (P, K)
    box: Floats  # (4,) float32 x1 y1 x2 y2, pixels of the current `image`; a scene's is the image
    ignored: Floats  # (Q, 4) float32, of a scene: boxes in which who is there is not known
    image: NDArray[np.uint8]  # (H, W, 3) RGB
    matrix: Floats  # (2, 3) float64, original image to current `image` pixels
    center: Floats  # (2,) float32, the box's middle, pixels of the current `image`
    deferred: Deferred  # a picture yet to be made of `image`; the rest is in its pixels then


class _OfScenes(TypedDict, total=False):
    ignored: Tensor  # (B, Q, 4) float32, input pixels; NaN in the rows beyond a scene's boxes


class _Deferred(TypedDict, total=False):
    """What `image` is made of on the device, where workers leave it to that; N rectangles."""

    crop: Tensor  # (B, S, S, 3) uint8 RGB, what of the image is seen
    columns: Tensor  # (B, W, 2) float32: `image` pixel (x, y) lies at columns[x] + rows[y] in it
    rows: Tensor  # (B, H, 2) float32
    colors: Tensor  # (B, 3, 4) float32, map of RGB colours
    holes: Tensor  # (B, N, 4) int64 x1 y1 x2 y2, ends excluded, `image` pixels; what is covered
    noise: Tensor  # (B, T, T, 3) uint8, by what, repeated; absent is the mean colour


class Batch(_OfScenes, _Deferred):
    """Samples stacked in a worker; everything is a tensor, so one copy moves it."""

    image: Tensor  # (B, 3, H, W) uint8 RGB
    keypoints: Tensor  # (B, K, 2) float32, input pixels; of scenes (B, P, K, 2)
    visible: (
        Tensor  # (B, K) float32; of scenes (B, P, K), all 0 in the rows beyond a scene's people
    )
    matrix: Tensor  # (B, 2, 3) float32, original image to input pixels
    center: Tensor  # (B, 2) float32, the person's middle in input pixels
    index: Tensor  # (B,) int64, the sample's number in its data set


class Prediction(TypedDict):
    """What an estimator predicts for a batch."""

    keypoints: Tensor  # (B, K, 2) float32, original image pixels; (B, P, K, 2) with NaN for nothing
    scores: Tensor  # (B, K) float32, higher is surer; (B, P, K), 0 for nothing
