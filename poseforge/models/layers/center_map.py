"""A map that says which person of the input is meant."""

from torch import Tensor
from torch.nn import functional as F

from poseforge.codecs.gaussian import axis_gaussian, cell_centers


def center_map(
    center: Tensor, size: tuple[int, int], sigma_px: float, *, kernel: int, stride: int
) -> Tensor:
    """Draw a Gaussian at input resolution and average it over windows of cells.

    Both steps are done on each axis alone: the Gaussian and the mean over a window are products of
    their axes. As in Caffe, a window that would reach beyond the input averages what is inside.

    Args:
        center: (B, 2) the person's middle, input pixels.
        size: (width, height) of the input.
        sigma_px: Standard deviation, input pixels.
        kernel: Side of a window, pixels; the first one starts at the first pixel.
        stride: Pixels from window to window.

    Returns:
        (B, 1, H, W), H and W being the input's cells.
    """
    x, y = (
        F.avg_pool1d(
            axis_gaussian(center[:, axis], cell_centers(length, 1, 0.0, center.device), sigma_px),
            kernel,
            stride,
            ceil_mode=True,
        )
        for axis, length in enumerate(size)
    )  # (B, W), (B, H)
    return (y[:, :, None] * x[:, None, :])[:, None]
