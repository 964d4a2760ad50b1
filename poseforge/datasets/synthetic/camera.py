"""Cameras: from which side, how far, and how large a person is seen.

The camera's frame has x to the right, y down and z away from the camera; lengths are statures.
"""

from dataclasses import dataclass

import numpy as np

from poseforge.datasets.synthetic.body import turn
from poseforge.datasets.synthetic.draws import Draws
from poseforge.structures.affine import Floats

# Seen from the front, the person's left is on the right, up is -y and forwards is -z.
_FACING = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class View:
    """The rigid part of N cameras.

    Attributes:
        rotation: (N, 3, 3) from the people's frame to the camera's.
        target: (N, 3) what the optical axis goes through, in the people's frame.
        distance: (N,) from the camera to the target.
    """

    rotation: Floats
    target: Floats
    distance: Floats

    def to_camera(self, points: Floats) -> Floats:
        """Map points (N, P, 3) of the people's frame to the camera's."""
        turned = (points - self.target[:, None]) @ np.swapaxes(self.rotation, -1, -2)
        turned[..., 2] += self.distance[:, None]
        return turned


@dataclass(frozen=True)
class Lens:
    """The projective part of N cameras.

    Attributes:
        focal_px: (N,) focal length.
        center_px: (N, 2) where the optical axis meets the picture.
    """

    focal_px: Floats
    center_px: Floats

    def project(self, points: Floats) -> Floats:
        """Map points (N, P, 3) of the camera's frame to pixels (N, P, 2)."""
        return (
            points[..., :2] / points[..., 2:] * self.focal_px[:, None, None]
            + (self.center_px[:, None])
        )


def sample_view(draws: Draws, target: Floats) -> View:
    """Draw cameras all around people, mostly level and upright, sometimes not.

    Args:
        draws: Of N people.
        target: (N, 3) middles of the people.
    """
    yaw = draws.between(0, 360)
    pitch = 25 * (draws.between(-1, 1) + draws.between(-1, 1)) / 2 + 4
    tilted = draws.chance(0.12)
    roll = np.where(tilted, draws.between(-60, 60), draws.between(-8, 8))
    distance = 1 / draws.between(0.14, 0.42)
    rotation = turn(2, roll) @ turn(0, pitch) @ _FACING @ turn(1, yaw)
    return View(rotation, target, distance)


def sample_lens(draws: Draws, points: Floats, size: int) -> Lens:
    """Draw the zoom and the shift that put a person into a square picture.

    Args:
        draws: Of N people.
        points: (N, P, 3) outer points of the people in the camera's frame.
        size: Side of the picture, pixels.
    """
    flat = points[..., :2] / points[..., 2:]  # (N, P, 2)
    low, high = flat.min(axis=1), flat.max(axis=1)
    cut = draws.chance(0.08)
    fill = np.where(cut, draws.between(0.85, 1.2), draws.between(0.58, 0.86))
    focal = fill * size / (high - low).max(axis=1)
    # The flesh around the outer points takes a little room, so the play is not all of the rest.
    play = np.maximum(size - focal[:, None] * (high - low) - 0.06 * size, 0.1 * size)
    shift = (draws.columns(2) - 0.5) * np.minimum(play, 0.45 * size)
    center = (size - 1) / 2 + shift - focal[:, None] * (low + high) / 2
    return Lens(focal, center)
