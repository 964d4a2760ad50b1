"""What the stages of a cascade see: the whole crop, or a window around each joint."""

import logging

import torch
from torch import Tensor
from torch.nn import functional as F

from poseforge.models.layers.views import cut_views, map_points
from poseforge.structures import Batch, Skeleton

SHORTEST = 1.0  # crop pixels; a torso or box below it says nothing of a person's size
logger = logging.getLogger("poseforge")


class WindowSides:
    """How large the windows around a person's joints are.

    Args:
        skeleton: With a torso.
        sigma: Side of a window, torso diameters.
        crop_size: (width, height), pixels.

    Raises:
        ValueError: The skeleton has no torso, or `sigma` is not positive.
    """

    def __init__(self, skeleton: Skeleton, sigma: float, crop_size: tuple[int, int]) -> None:
        if skeleton.torso is None:
            raise ValueError(
                f"the skeleton '{skeleton.name}' has no torso, by whose diameter a cascade cuts "
                "its windows; name two keypoints as its torso"
            )
        if not sigma > 0:
            raise ValueError(f"sigma={sigma}; it must be a positive number of torso diameters")
        self.torso = skeleton.indices(skeleton.torso)
        self.sigma = sigma
        self.longest = float(max(crop_size))
        self._has_told = False

    def __call__(self, points: Tensor, labelled: Tensor, *, tell: bool = False) -> Tensor:
        """Return the sides (B,), crop pixels.

        Where the torso will not do it is the longer side of the points' box, and the crop's where
        that has no size either.

        Args:
            points: (B, K, 2) crop pixels.
            labelled: (B, K), 0 where a point is not known.
            tell: Log it the first time that a torso does not do. The host waits for the device.
        """
        known = labelled > 0
        start, end = self.torso
        torso = (points[:, start] - points[:, end]).norm(dim=-1)
        is_torso = known[:, start] & known[:, end] & (torso >= SHORTEST)
        if tell and not self._has_told and not bool(is_torso.all()):
            self._has_told = True
            logger.warning(
                "there are people whose torso is not labelled or has no length; the cascade cuts "
                "windows of the size of their joints' box, or of the crop"
            )
        low = points.masked_fill(~known[..., None], torch.inf).amin(dim=1)
        high = points.masked_fill(~known[..., None], -torch.inf).amax(dim=1)
        box = (high - low).amax(dim=-1)
        other = torch.where(box >= SHORTEST, box, self.longest)
        return torch.where(is_torso, self.sigma * torso, other)


def see_whole(batch: Batch, matrix: Tensor, size: tuple[int, int]) -> Batch:
    """Return the batch with its crops shrunk.

    Args:
        batch: Crops.
        matrix: (2, 3) crop to view pixels: a resize.
        size: (width, height) of the view.
    """
    images = batch["image"].float()
    if images.shape[-2:] != (size[1], size[0]):
        images = F.interpolate(images, (size[1], size[0]), mode="bilinear", antialias=True)
    matrices = matrix.expand(len(images), 2, 3)
    return {
        **batch,
        "image": images,
        "keypoints": map_points(matrices, batch["keypoints"]),
        "center": map_points(matrices, batch["center"][:, None])[:, 0],
        "matrix": matrices,
    }


def see_windows(batch: Batch, windows: Tensor, visible: Tensor, size: tuple[int, int]) -> Batch:
    """Return a batch of B·V views: V windows of each crop; the person's middle is theirs.

    Args:
        batch: Crops.
        windows: (B, V, 2, 3) crop to view pixels.
        visible: (B, V, K) which keypoints are labelled in each view.
        size: (width, height) of the views.
    """
    count = windows.shape[1]
    matrices = windows.flatten(0, 1)
    keypoints = map_points(matrices, batch["keypoints"].repeat_interleave(count, dim=0))
    middle = [keypoints.new_full((len(matrices),), (side - 1) / 2) for side in size]
    return {
        "image": cut_views(batch["image"].float(), windows, size),
        "keypoints": keypoints,
        "visible": visible.flatten(0, 1),
        "matrix": matrices,
        "center": torch.stack(middle, dim=-1),
        "index": batch["index"].repeat_interleave(count),
    }
