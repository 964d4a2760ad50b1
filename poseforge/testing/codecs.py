"""The contract of codecs."""

import copy

import torch
from torch import Tensor
from torch.testing import assert_close

from poseforge.codecs import Codec, Targets
from poseforge.structures import Skeleton
from poseforge.testing.examples import example_batch


def check_codec(codec: Codec, skeleton: Skeleton, *, tolerance_px: float) -> None:
    """Check all that estimators rely on: round trip, flip and unscale.

    Args:
        codec: Its targets, but `weights`, are one tensor in the form of a head's outputs.
        skeleton: Any; left and right of its keypoints are swapped.
        tolerance_px: How far decoded points may lie from the encoded ones, input pixels.

    Raises:
        AssertionError: The codec breaks the contract.
    """
    check_round_trip(codec, skeleton.num_keypoints, tolerance_px=tolerance_px)
    check_flip(codec, skeleton)
    check_unscale(codec, skeleton.num_keypoints, tolerance_px=tolerance_px)


def check_round_trip(codec: Codec, num_keypoints: int, *, tolerance_px: float) -> None:
    """Check that decoding undoes encoding, and that what is not labelled has weight 0.

    Raises:
        AssertionError: It does not, or an equal codec compares unequal.
    """
    batch = example_batch(codec.input_size, num_keypoints)
    targets = codec.encode(batch["keypoints"], batch["visible"])
    weights = targets["weights"][:, :num_keypoints]
    assert torch.equal(weights, (batch["visible"] > 0).float()), "weights are not the labels"
    outputs = _as_outputs(targets)
    keypoints, scores = codec.decode(outputs)
    assert keypoints.shape == batch["keypoints"].shape, f"points have shape {keypoints.shape}"
    assert scores.shape == batch["visible"].shape, f"scores have shape {scores.shape}"
    labelled = weights > 0
    assert_close(keypoints[labelled], batch["keypoints"][labelled], atol=tolerance_px, rtol=0)
    staged = torch.stack([torch.zeros_like(outputs), outputs], dim=1)
    assert torch.equal(codec.decode(staged)[0], keypoints), "not the last stage is decoded"
    assert copy.deepcopy(codec) == codec, "a codec with the same fields is not equal"


def check_flip(codec: Codec, skeleton: Skeleton) -> None:
    """Check that flipping the targets of mirrored points gives the targets, and twice nothing.

    Raises:
        AssertionError: It does not.
    """
    batch = example_batch(codec.input_size, skeleton.num_keypoints)
    order = skeleton.flip_indices.tolist()
    last = codec.input_size[0] - 1
    mirrored = torch.stack([last - batch["keypoints"][..., 0], batch["keypoints"][..., 1]], dim=-1)[
        :, order
    ]
    everywhere = torch.ones_like(batch["visible"])
    outputs = _as_outputs(codec.encode(batch["keypoints"], everywhere))
    flipped = codec.flip(_as_outputs(codec.encode(mirrored, everywhere)), skeleton)
    assert_close(flipped, outputs, atol=1e-4, rtol=0)
    assert_close(codec.flip(codec.flip(outputs, skeleton), skeleton), outputs)
    staged = torch.stack([outputs, 2 * outputs], dim=1)
    stages = [codec.flip(stage, skeleton) for stage in staged.unbind(1)]
    assert_close(codec.flip(staged, skeleton), torch.stack(stages, dim=1))


def check_unscale(
    codec: Codec,
    num_keypoints: int,
    *,
    tolerance_px: float,
    scales: tuple[float, ...] = (0.8, 1.25),
) -> None:
    """Check that unscaled outputs decode to where the points were before the input was enlarged.

    Resampling may add half of `tolerance_px`, and one input pixel.

    Raises:
        AssertionError: They do not.
    """
    batch = example_batch(codec.input_size, num_keypoints)
    middle = (torch.tensor(codec.input_size) - 1) / 2
    everywhere = torch.ones_like(batch["visible"])
    for scale in scales:
        enlarged = middle + (batch["keypoints"] - middle) * scale
        outputs = codec.unscale(_as_outputs(codec.encode(enlarged, everywhere)), scale)
        keypoints, _ = codec.decode(outputs)
        assert_close(keypoints, batch["keypoints"], atol=1.5 * tolerance_px + 1, rtol=0)


def _as_outputs(targets: Targets) -> Tensor:
    """Return what a perfect head would give."""
    (outputs,) = (tensor for name, tensor in targets.items() if name != "weights")
    return outputs
