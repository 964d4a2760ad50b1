"""What is predicted for an image."""

from dataclasses import dataclass

from poseforge.structures.affine import Floats


@dataclass(frozen=True)
class ImagePoses:
    """The P people of an image and their K keypoints.

    Attributes:
        path: Where the image was read from; None where it was given as an array.
        keypoints: (P, K, 2) float32, image pixels; NaN where nothing was found.
        scores: (P, K) float32, higher is surer; 0 where nothing was found.
        boxes: (P, 4) float32, image pixels: where each was looked for, or, by a model that finds
            people by itself, the box of what was found.
        error: Why there are no poses; None where all went well.
        note: What is to know about the image, such as that it is one frame of several.
    """

    path: str | None
    keypoints: Floats
    scores: Floats
    boxes: Floats
    error: str | None = None
    note: str | None = None

    def __len__(self) -> int:
        """Return P."""
        return len(self.keypoints)
