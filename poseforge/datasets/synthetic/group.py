"""Several people in one picture: how many, where, how large, and who hides whom."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.synthetic.geometry import Geometry
from poseforge.datasets.synthetic.quadrics import first_hits
from poseforge.structures.affine import Floats

Rows = NDArray[np.int64]
NUM_PLACING = 3  # numbers of a person that `arrange` takes


def starts_of_pictures(seed: int, num_people: int, least: int, most: int) -> Rows:
    """Return the first person of each of G pictures and the end, (G + 1,).

    Args:
        seed: Which pictures they are.
        num_people: How many people there are in all; the last picture has who is left.
        least: How many people a picture has at least.
        most: And at most.
    """
    # Not a generator of a person: theirs are seeded without a spawn key.
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    ends = np.cumsum(rng.integers(least, most + 1, size=-(-num_people // least)))
    pictures = int(np.searchsorted(ends, num_people)) + 1
    return np.concatenate([[0], np.minimum(ends[:pictures], num_people)]).astype(np.int64)


def arrange(geometry: Geometry, numbers: Floats, pictures: Rows, size: int) -> Geometry:
    """Make people smaller and put them about a picture that they share, some before others.

    What stands before somebody comes along; shapes and poses stay.

    Args:
        geometry: Of N people who fill pictures of their own.
        numbers: (N, 3) uniform in [0, 1), of the size and the place of each.
        pictures: (N,) whose pictures are the same.
        size: Side of the pictures, pixels.
    """
    _, picture, counts = np.unique(pictures, return_inverse=True, return_counts=True)
    scale = (0.5 + 0.5 * numbers[:, :1]) * counts[picture][:, None] ** -0.25  # (N, 1)
    middle = (geometry.pixels.min(axis=1) + geometry.pixels.max(axis=1)) / 2  # (N, 2)
    place = size * ((0.2, 0.3) + numbers[:, 1:] * (0.6, 0.4))
    shift = place - scale * middle
    lens, objects = geometry.lens, geometry.objects
    return replace(
        geometry,
        lens=replace(
            lens,
            focal_px=lens.focal_px * scale[:, 0],
            center_px=lens.center_px * scale + shift,
        ),
        objects=replace(
            objects,
            center=objects.center * scale[:, None] + shift[:, None],
            half=objects.half * scale[:, None],
        ),
        pixels=geometry.pixels * scale[:, None] + shift[:, None],
    )


def nearness(geometry: Geometry) -> Floats:
    """Return (N,) pixels to a stature: who is larger in the picture stands before the smaller."""
    nearness: Floats = geometry.lens.focal_px / geometry.view.distance
    return nearness


def hidden_by_others(geometry: Geometry, pixels: Floats, pictures: Rows) -> NDArray[np.bool_]:
    """Say which points (N, K) are behind somebody nearer, or what stands before anyone else.

    Args:
        geometry: Of N people, arranged.
        pixels: (N, K, 2) points of each of them in the picture.
        pictures: (N,) whose pictures are the same.
    """
    near = nearness(geometry)
    shared = pictures[:, None] == pictures
    hidden = np.zeros(pixels.shape[:2], dtype=bool)
    behind, front = np.nonzero(shared & (near[:, None] < near))
    lens, quadrics = geometry.lens, geometry.quadrics
    flat = (pixels[behind] - lens.center_px[front, None]) / lens.focal_px[front, None, None]
    rays = np.concatenate([flat, np.ones_like(flat[..., :1])], axis=-1)
    hits = first_hits(quadrics.of(front), rays)  # (pairs, K, Q)
    np.logical_or.at(hidden, behind, np.isfinite(hits).any(axis=-1))
    behind, front = np.nonzero(shared)
    np.logical_or.at(hidden, behind, geometry.objects.of(front).cover(pixels[behind]))
    return hidden
