"""Made-up inputs for contracts."""

import torch

from poseforge.structures import Batch


def example_batch(
    input_size: tuple[int, int], num_keypoints: int, *, batch_size: int = 2, seed: int = 0
) -> Batch:
    """Return a batch of noise whose points lie in the middle half of the input.

    The first keypoint of the first sample is not labelled. The crop's matrix is the identity.

    Args:
        input_size: (width, height), pixels.
        num_keypoints: K.
        batch_size: B.
        seed: The same seed gives the same batch.
    """
    width, height = input_size
    rng = torch.Generator().manual_seed(seed)
    middle = torch.tensor([(width - 1) / 2, (height - 1) / 2])
    fractions = torch.rand(batch_size, num_keypoints, 2, generator=rng) - 0.5
    visible = torch.randint(1, 3, (batch_size, num_keypoints), generator=rng).float()
    visible[0, 0] = 0
    return {
        "image": torch.randint(
            0, 256, (batch_size, 3, height, width), generator=rng, dtype=torch.uint8
        ),
        "keypoints": middle + fractions * middle,
        "visible": visible,
        "matrix": torch.eye(2, 3).expand(batch_size, 2, 3).clone(),
        "center": middle.expand(batch_size, 2).clone(),
        "index": torch.arange(batch_size),
    }
