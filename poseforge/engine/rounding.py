"""What half precision costs: how far joints move when a model's weights are rounded."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from poseforge.datasets.loading import SampleStream, collate
from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch

PEOPLE = 200  # that are compared
BATCH = 16
FAR_PX = 0.5  # of the input
MOST_FAR = 0.01  # of all joints: where two places are equally likely, the last bit decides


@dataclass(frozen=True)
class Movement:
    """How far joints have moved.

    Attributes:
        data: Whose joints they are.
        joints: How many.
        mean_px: Their mean way, pixels of the input.
        largest_px: The longest way.
        far: How many moved by more than `FAR_PX`, or are not numbers.
    """

    data: str
    joints: int
    mean_px: float
    largest_px: float
    far: int

    def __str__(self) -> str:
        return (
            f"rounding moved {self.joints} joints of {self.data} by {self.mean_px:.3f} px of the "
            f"input in the mean and {self.largest_px:.2f} at most, {self.far} of them by more than "
            f"{FAR_PX:g}"
        )

    @property
    def is_small(self) -> bool:
        """Whether at most `MOST_FAR` of the joints moved far."""
        return self.far <= MOST_FAR * self.joints


def rounded(estimator: Estimator) -> dict[str, Tensor]:
    """Return a model's weights with kernels and matrices in half precision.

    Biases and what normalises, statistics included, are small and stay as they are.
    """
    kernels = {name for name, weight in estimator.named_parameters() if weight.ndim > 1}
    return {
        name: tensor.half() if name in kernels else tensor
        for name, tensor in estimator.state_dict().items()
    }


@torch.inference_mode()
def movement(estimator: Estimator, weights: Mapping[str, Tensor], people: SampleStream) -> Movement:
    """Compare what a model predicts with other weights for the first people of a data set.

    Args:
        estimator: The model, on the CPU, in evaluation mode; it has the other weights afterwards.
        weights: The other weights.
        people: As the model sees them.
    """
    rows = range(min(PEOPLE, len(people.dataset)))
    batches = [
        collate([people[(0, row)] for row in rows[start : start + BATCH]])
        for start in rows[::BATCH]
    ]
    before = [_points(estimator, batch) for batch in batches]
    estimator.load_state_dict(dict(weights))
    after = [_points(estimator, batch) for batch in batches]
    apart = [(b - a).norm(dim=-1) for a, b in zip(before, after, strict=True)]
    # Rows of nobody, which scenes of fewer people end with, are no joints.
    joints = [~(a.isnan() & b.isnan()).all(dim=-1) for a, b in zip(before, after, strict=True)]
    moved = torch.cat([way[is_joint] for way, is_joint in zip(apart, joints, strict=True)])
    far = int((~(moved <= FAR_PX)).sum())  # NaN is far
    return Movement(
        people.dataset.name, moved.numel(), float(moved.mean()), float(moved.max()), far
    )


def _points(estimator: Estimator, batch: Batch) -> Tensor:
    """Return what is predicted (B, ..., 2), pixels of the input but for the crop's shift."""
    points = estimator(batch, "predict")["keypoints"]
    matrix = batch["matrix"].to(points.dtype)  # (B, 2, 3)
    scaled = points.flatten(1, -2) @ matrix[:, :, :2].transpose(1, 2)
    return scaled.reshape(points.shape)
