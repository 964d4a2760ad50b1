import cv2
import numpy as np
import pytest
import torch

from poseforge.models.layers.views import GREY, cut_views, map_points, view_matrices

CENTERS = torch.tensor([[[20.0, 30.0], [3.0, 47.5]], [[55.25, 12.0], [-20.0, 90.0]]])
SIDES = torch.tensor([[16.0, 40.0], [23.0, 31.0]])


@pytest.mark.parametrize("size", [(32, 32), (24, 40)])
def test_views_are_those_of_opencv(size):
    images = torch.rand(2, 3, 48, 64, generator=torch.Generator().manual_seed(0)) * 255
    matrices = view_matrices(CENTERS, SIDES, size)
    views = cut_views(images, matrices, size)
    assert views.shape == (4, 3, size[1], size[0])
    for view, (image, matrix) in zip(
        views, ((i, m) for i, ms in zip(images, matrices, strict=True) for m in ms), strict=True
    ):
        expected = cv2.warpAffine(
            image.permute(1, 2, 0).numpy(),
            matrix.numpy().astype(np.float64),
            size,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(GREY,) * 3,
        )
        # OpenCV rounds places to a 32nd of a pixel, and this is noise.
        assert np.abs(view.permute(1, 2, 0).numpy() - expected).max() < 255 * 2 / 32


def test_a_ramp_shows_that_pixels_are_where_the_convention_has_them():
    y, x = torch.meshgrid(torch.arange(50.0), torch.arange(60.0), indexing="ij")
    matrices = view_matrices(torch.tensor([[[30.0, 20.0]]]), torch.tensor([[10.0]]), (40, 40))
    views = cut_views(torch.stack([x, y])[None], matrices, (40, 40))
    # 40 view pixels show 10: view pixel v lies (v - 19.5) / 4 from the middle.
    steps = (torch.arange(40.0) - 19.5) / 4
    torch.testing.assert_close(views[0, 0], (30 + steps).expand(40, 40))
    torch.testing.assert_close(views[0, 1], (20 + steps)[:, None].expand(40, 40))


def test_outside_of_the_image_is_grey():
    matrices = view_matrices(torch.tensor([[[500.0, -80.0]]]), torch.tensor([[20.0]]), (8, 8))
    assert bool((cut_views(torch.zeros(1, 3, 30, 30), matrices, (8, 8)) == GREY).all())


def test_the_middle_and_the_side_become_the_views():
    matrices = view_matrices(CENTERS, SIDES, (40, 32))  # the shorter side shows the whole window
    for center, side, matrix in zip(
        CENTERS.flatten(0, 1), SIDES.flatten(), matrices.flatten(0, 1), strict=True
    ):
        points = torch.stack([center, center + side / 2])[None]
        expected = torch.tensor([[[19.5, 15.5], [19.5 + 16, 15.5 + 16]]])
        torch.testing.assert_close(map_points(matrix[None], points), expected)


def test_the_image_gets_a_gradient_and_keeps_its_values():
    images = torch.full((1, 1, 20, 20), 7.0, requires_grad=True)
    matrices = view_matrices(torch.tensor([[[9.5, 9.5]]]), torch.tensor([[20.0]]), (20, 20))
    views = cut_views(images, matrices, (20, 20))
    torch.testing.assert_close(views, images)
    views.sum().backward()
    torch.testing.assert_close(images.grad, torch.ones_like(images))
