"""The rasterizer's spans against asking every pixel's ray for every surface."""

import numpy as np
import pytest

from poseforge.datasets.synthetic.draws import rows
from poseforge.datasets.synthetic.geometry import pose_people
from poseforge.datasets.synthetic.quadrics import first_hits
from poseforge.datasets.synthetic.raster import rasterize


@pytest.mark.parametrize("index", [0, 4, 17])
def test_every_pixel_sees_the_surface_that_its_ray_meets_first(index):
    side = 48
    geometry = pose_people(rows(2, [index]), side)
    y, x = np.mgrid[:side, :side].reshape(2, -1)
    focal, center = geometry.lens.focal_px[0], geometry.lens.center_px[0]
    rays = np.stack([(x - center[0]) / focal, (y - center[1]) / focal, np.ones(side**2)], axis=1)
    truth = first_hits(geometry.quadrics, rays[None])[0].min(axis=1)
    drawn = np.full(side**2, np.inf)
    pixels = rasterize(geometry, 0, side, 1.0)
    drawn[pixels.row * side + pixels.column] = pixels.point[2]
    # Rays that graze a surface may fall on either side of its outline.
    differ = (np.isfinite(truth) != np.isfinite(drawn)).sum()
    assert differ <= 0.01 * np.isfinite(truth).sum()
    both = np.isfinite(truth) & np.isfinite(drawn)
    assert both.sum() > 50
    close = np.abs(truth[both] - drawn[both]) < 2e-3
    assert close.mean() > 0.99


def test_pixels_lie_on_the_rays_of_their_places():
    geometry = pose_people(rows(2, [1]), 64)
    pixels = rasterize(geometry, 0, 128, 2.0)
    x, y, z = pixels.point
    projected = geometry.lens.project(np.stack([x, y, z], axis=1)[None])[0]
    # Canvas pixel i of a canvas twice as fine is at (i + 0.5) / 2 - 0.5 of the picture.
    expected = (np.stack([pixels.column, pixels.row], axis=1) + 0.5) / 2 - 0.5
    np.testing.assert_allclose(projected, expected, atol=1e-3)
