"""What every codec does with labels before it encodes them."""

import torch
from torch import Tensor


def labelled_points(keypoints: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
    """Separate what is labelled from what is not.

    Finiteness is checked on the CPU only, and not in a compiled graph: on an accelerator the check
    would make the host wait for the device in every step, and no graph has a way to an error.

    Args:
        keypoints: (B, K, 2) input pixels, or (B, P, K, 2) of several people an input.
        visible: (B, K) or (B, P, K): 0 not labelled, 1 hidden, 2 seen.

    Returns:
        Float32 points like `keypoints`, 0 where not labelled, and weights like `visible`, 1 where
        labelled.

    Raises:
        ValueError: A labelled keypoint is not finite, where that is checked.
    """
    labelled = visible > 0
    points = keypoints.float().masked_fill(~labelled[..., None], 0.0)
    if points.device.type == "cpu" and not torch.compiler.is_compiling():
        _check_finite(points)
    return points, labelled.float()


def _check_finite(points: Tensor) -> None:
    if bool(points.isfinite().all()):
        return
    sample, *person, row = (~points.isfinite()).any(dim=-1).nonzero()[0].tolist()
    found = points[(sample, *person, row)].tolist()
    raise ValueError(
        f"keypoint {row} of sample {sample} in the batch is labelled, but its coordinates "
        f"{found} are not finite; give it finite ones or visible=0"
    )
