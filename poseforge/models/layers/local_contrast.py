"""Local contrast normalisation: brightness and contrast of a neighbourhood are taken away."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SMALLEST = 1e-4  # less is rounding: of images in 0 ... 1, a fortieth of a grey level


class LocalContrastNorm(nn.Module):
    """Subtract the mean around each pixel, then divide by the deviation around it.

    With C channels and a Gaussian window w whose weights sum to 1,

        v[i, y, x] = u[i, y, x] - sum over p, q, j of w[p, q] / C * u[j, y + p, x + q]
        s[y, x]    = sqrt(sum over p, q, i of w[p, q] / C * v[i, y + p, x + q]^2)
        result     = v[i, y, x] / max(c, s[y, x]),   c = the mean of s over the picture

    so mean and deviation are those of all channels together. At the border the window is what of
    it lies inside, its weights again summing to 1. Jarrett et al., What is the best multi-stage
    architecture for object recognition?, ICCV 2009; the window's 9 pixels are theirs, its standard
    deviation of a quarter of the side is Torch7's default (both from memory).

    Args:
        kernel_size: Side of the window, pixels; odd.

    Raises:
        ValueError: `kernel_size` has no middle pixel.
    """

    window: Tensor

    def __init__(self, kernel_size: int = 9) -> None:
        super().__init__()
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(f"kernel_size={kernel_size}; give an odd number of pixels, such as 9")
        places = torch.arange(kernel_size) - kernel_size // 2
        window = torch.exp(-0.5 * (places / (kernel_size / 4)).square())
        self.register_buffer("window", window / window.sum(), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return the normalised images of images (B, C, H, W), in their own precision."""
        inside = self._mean(torch.ones_like(images[:1]))  # 1 away from the border
        centred = images - self._mean(images) / inside
        deviation = (self._mean(centred.square()) / inside).sqrt()  # (B, 1, H, W)
        floor = deviation.mean(dim=(-2, -1), keepdim=True).clamp(min=SMALLEST)
        return centred / torch.maximum(deviation, floor)

    def _mean(self, images: Tensor) -> Tensor:
        """Return the weighted mean around each pixel, over all channels; outside counts as 0.

        Sums of products, not convolutions: autocast and TF32 would round those, and what is left of
        a picture after its mean is small.
        """
        side = len(self.window)
        padded = F.pad(images.mean(dim=1, keepdim=True), [side // 2] * 4)
        rows = (padded.unfold(-1, side, 1) * self.window).sum(dim=-1)
        return (rows.unfold(-2, side, 1) * self.window).sum(dim=-1)  # (B, 1, H, W)
