"""How far and where to the predictions of a stage err, joint by joint."""

from collections.abc import Iterable

import torch
from torch import Tensor, distributed, nn


class JointErrors(nn.Module):
    """Mean and covariance of each joint's error, kept in buffers; zero until they are measured.

    Args:
        num_keypoints: K.
    """

    mean: Tensor
    covariance: Tensor

    def __init__(self, num_keypoints: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(num_keypoints, 2))
        self.register_buffer("covariance", torch.zeros(num_keypoints, 2, 2))

    @torch.no_grad()
    def measure(self, observed: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Measure over all processes; a joint that is nowhere labelled keeps zeros.

        Args:
            observed: Errors (B, K, 2) in any unit, and weights (B, K), 0 where not labelled.
        """
        sums = torch.zeros(len(self.mean), 6, dtype=torch.float64, device=self.mean.device)
        for errors, weights in observed:
            x, y = errors.double().unbind(-1)
            terms = torch.stack([torch.ones_like(x), x, y, x * x, x * y, y * y], dim=-1)
            sums += (terms * weights[..., None]).sum(dim=0)
        if distributed.is_available() and distributed.is_initialized():
            distributed.all_reduce(sums)
        moments = sums / sums[:, :1].clamp(min=1)
        mean = moments[:, 1:3]
        products = moments[:, [3, 4, 4, 5]].unflatten(-1, (2, 2))
        self.mean.copy_(mean)
        self.covariance.copy_(products - mean[:, :, None] * mean[:, None, :])

    def draw(self, joints: Tensor) -> Tensor:
        """Draw an error (..., 2) from the normal distribution of each joint (...)."""
        (xx, xy), yy = self.covariance[:, 0].unbind(-1), self.covariance[:, 1, 1]
        # Cholesky's factor, written out: a covariance may be singular, or zero.
        deviation = xx.clamp(min=0).sqrt()
        slope = torch.where(deviation > 0, xy / deviation.clamp(min=1e-12), 0.0)
        rest = (yy - slope * slope).clamp(min=0).sqrt()
        first, second = torch.randn(2, *joints.shape, device=joints.device).unbind(0)
        offsets = [deviation[joints] * first, slope[joints] * first + rest[joints] * second]
        return self.mean[joints] + torch.stack(offsets, dim=-1)
