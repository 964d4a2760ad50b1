"""The codec contract: between coordinates and what a network learns."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor

from poseforge.structures import Skeleton

Targets = dict[str, Tensor]


@dataclass(frozen=True)
class Codec(ABC):
    """Encode coordinates as a network's targets, and decode a network's outputs.

    All methods take batches and run on the device that the tensors are on. A codec is frozen: two
    codecs with the same fields are the same codec, and comparing them finds configs out of step.

    Outputs of a head with S stages carry the stages on dimension 1, (B, S, ...): codecs decode the
    last stage and flip all of them.

    Args:
        input_size: (width, height) of the network's input, pixels.

    Raises:
        ValueError: `input_size` is not two positive whole numbers.
    """

    input_size: tuple[int, int]

    def __post_init__(self) -> None:
        size = tuple(self.input_size)  # a list, as JSON gives it, would not compare equal
        if len(size) != 2 or any(not isinstance(side, int) or side < 1 for side in size):
            raise ValueError(
                f"input_size={self.input_size!r}; give (width, height), whole numbers of pixels"
            )
        object.__setattr__(self, "input_size", size)

    @abstractmethod
    def encode(self, keypoints: Tensor, visible: Tensor) -> Targets:
        """Encode points.

        Args:
            keypoints: (B, K, 2) input pixels.
            visible: (B, K): 0 not labelled, 1 hidden, 2 seen.

        Returns:
            Targets, among them `weights`: 0 for what is not labelled, else 1.

        Raises:
            ValueError: A labelled keypoint is not finite.
        """

    @abstractmethod
    def decode(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Decode a head's outputs into points (B, K, 2), input pixels, and scores (B, K)."""

    @abstractmethod
    def flip(self, outputs: Tensor, skeleton: Skeleton) -> Tensor:
        """Turn the outputs for a mirrored input into outputs for the input as it was."""

    @abstractmethod
    def unscale(self, outputs: Tensor, scale: float) -> Tensor:
        """Turn the outputs for an input enlarged about its middle into outputs for the input.

        Args:
            outputs: A head's outputs for an input of `enlarged_size(scale)`.
            scale: How much the input was enlarged; below 1 it was shrunk.
        """

    def enlarged_size(self, scale: float) -> tuple[int, int]:
        """Return (width, height) of the input that shows an image enlarged by `scale`.

        Here it is the input's own: what is around the middle's person leaves it. Codecs of whole
        images have a larger one, so that nobody does.
        """
        return self.input_size

    @property
    def extra_channels(self) -> int:
        """How many channels a head gives beyond the K keypoints."""
        return 0
