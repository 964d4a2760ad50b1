"""What every loss checks first."""

from torch import Tensor


def check_shapes(outputs: Tensor, targets: Tensor) -> None:
    """Refuse outputs that would be stretched to the targets' shape, or the reverse.

    Raises:
        ValueError: The shapes differ.
    """
    if outputs.shape != targets.shape:
        raise ValueError(
            f"the model gives outputs {tuple(outputs.shape)} but its codec encodes targets "
            f"{tuple(targets.shape)}; make the head's num_keypoints and extra_channels and the "
            "codec's input_size, stride and extra agree"
        )
