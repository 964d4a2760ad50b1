"""What every codec does with labels before it encodes them."""

from torch import Tensor


def labelled_points(keypoints: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
    """Separate what is labelled from what is not.

    Finiteness is checked on the CPU only: on an accelerator the check would make the host wait for
    the device in every step.

    Args:
        keypoints: (B, K, 2) input pixels, or (B, P, K, 2) of several people an input.
        visible: (B, K) or (B, P, K): 0 not labelled, 1 hidden, 2 seen.

    Returns:
        Float32 points like `keypoints`, 0 where not labelled, and weights like `visible`, 1 where
        labelled.

    Raises:
        ValueError: A labelled keypoint is not finite, and the tensors are on the CPU.
    """
    labelled = visible > 0
    points = keypoints.float().masked_fill(~labelled[..., None], 0.0)
    if points.device.type == "cpu" and not bool(points.isfinite().all()):
        sample, *person, row = (~points.isfinite()).any(dim=-1).nonzero()[0].tolist()
        found = keypoints[(sample, *person, row)].tolist()
        raise ValueError(
            f"keypoint {row} of sample {sample} in the batch is labelled, but its coordinates "
            f"{found} are not finite; give it finite ones or visible=0"
        )
    return points, labelled.float()
