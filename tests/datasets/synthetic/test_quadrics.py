"""Surfaces against marching along rays, with the distance to a rounded cone as the truth."""

import numpy as np

from poseforge.datasets.synthetic.draws import rows
from poseforge.datasets.synthetic.flesh import PARTS
from poseforge.datasets.synthetic.geometry import pose_people
from poseforge.datasets.synthetic.quadrics import PART_OF, first_hits


def inside(solids, row, points):
    """Say which points (T, 3) are in a rounded cone: in one of many spheres along its axis."""
    local = points @ solids.to_part[0, row].T + solids.shift[0, row]
    share = np.linspace(0, 1, 400)
    centers = share * solids.length[0, row]
    radii = solids.radii[0, row, 0] + share * (solids.radii[0, row, 1] - solids.radii[0, row, 0])
    across = local[:, None, 0] ** 2 + local[:, None, 2] ** 2
    return (across + (local[:, None, 1] - centers) ** 2 < radii**2).any(axis=1)


def test_rays_meet_rounded_cones_where_marching_finds_them():
    geometry = pose_people(rows(11, [5]), 128)
    rng = np.random.default_rng(0)
    checked = 0
    for row, part in enumerate(PARTS.values()):
        if part.is_open or part.buried or geometry.solids.radii[0, row, 0] == 0:
            continue
        ends = geometry.solids.ends[0, row]
        aim = ends[0] + rng.uniform(0, 1, (3, 1)) * (ends[1] - ends[0])
        aim = aim + rng.uniform(-0.015, 0.015, (3, 3))
        rays = aim / aim[:, 2:]
        hits = first_hits(geometry.quadrics, rays[None])[0][:, row == PART_OF].min(axis=1)
        for ray, hit in zip(rays, hits, strict=True):
            depths = np.arange(ends[:, 2].min() - 0.2, ends[:, 2].max() + 0.2, 2e-3)
            within = inside(geometry.solids, row, depths[:, None] * ray)
            if not within.any():
                continue
            assert abs(depths[np.argmax(within)] - hit) < 5e-3, part
            checked += 1
    assert checked > 60


def test_a_ray_past_everything_meets_nothing():
    geometry = pose_people(rows(11, [5]), 128)
    assert np.isinf(first_hits(geometry.quadrics, np.array([[[5.0, 0.0, 1.0]]]))).all()
