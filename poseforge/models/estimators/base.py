"""The estimator contract: a plain module with three modes."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Literal, overload

from torch import Tensor, nn

from poseforge.codecs.base import Codec
from poseforge.structures import Batch, Prediction, Skeleton

Mode = Literal["loss", "predict", "tensor"]


class Estimator(nn.Module, ABC):
    """A whole model: what a config's `model` describes and a checkpoint holds.

    Attributes:
        codec: How outputs and coordinates relate.
        skeleton: What the keypoints are.
        flip_test: Whether `predict` averages with the mirrored input's prediction.
        scales: Enlargements of the input whose predictions `predict` averages.
        phases: Trainings that follow one another, such as a cascade's stages.
        stages: Predictions that follow one another, each made from the one before.
        last_stage: Which stage `predict` returns, 1 to `stages`; None is the last one trained.
        of_scenes: Whether its samples are scenes of several people, not one person each.
    """

    codec: Codec
    skeleton: Skeleton
    flip_test: bool
    scales: tuple[float, ...]
    phases: int = 1
    stages: int = 1
    last_stage: int | None = None
    of_scenes: bool = False

    def begin_phase(self, phase: int, batches: Iterable[Batch] | None) -> None:
        """Make the model ready for its next training: freeze, thaw, and measure what it needs.

        What is measured belongs into buffers, which checkpoints hold. Frozen parameters need no
        gradient, and frozen parts stay in evaluation mode.

        Args:
            phase: 0 is the first training.
            batches: This process's share of the training set, once, as validation crops it, on the
                model's device; None where a run is resumed within the phase.
        """

    @overload
    def __call__(self, batch: Batch, mode: Literal["loss"]) -> dict[str, Tensor]: ...
    @overload
    def __call__(self, batch: Batch, mode: Literal["predict"]) -> Prediction: ...
    @overload
    def __call__(self, batch: Batch, mode: Literal["tensor"]) -> Tensor: ...
    def __call__(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        return super().__call__(batch, mode)  # type: ignore[no-any-return]

    @abstractmethod
    def forward(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        """Run a batch that is already on the model's device.

        Args:
            batch: Stacked samples; the image is uint8 RGB (B, 3, H, W).
            mode: `loss` returns scalars by name (the sum of those named `loss*` is minimised),
                `predict` returns points in original image pixels, `tensor` the head's outputs.
        """
