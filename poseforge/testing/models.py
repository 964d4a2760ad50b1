"""The contracts of heads and estimators."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.testing import assert_close

from poseforge.codecs import Codec
from poseforge.models import Estimator, Head
from poseforge.structures import Batch
from poseforge.testing.examples import example_batch


def check_head(
    head: Head,
    codec: Codec,
    features: Sequence[Tensor],
    num_keypoints: int,
    batch: Batch | None = None,
) -> None:
    """Check that a head's outputs can be decoded and its losses can be learnt from.

    Args:
        head: The head.
        codec: The codec that it is for.
        features: What its backbone or neck would give, each (B, C, H, W).
        num_keypoints: K.
        batch: For heads that condition on it; None makes one up.

    Raises:
        AssertionError: The head breaks the contract.
    """
    batch_size = len(features[0])
    if batch is None:
        batch = example_batch(codec.input_size, num_keypoints, batch_size=batch_size)
    assert head.num_keypoints == num_keypoints, f"num_keypoints is {head.num_keypoints}"
    outputs = head(features, batch)
    keypoints, scores = codec.decode(outputs.detach())
    assert keypoints.shape == (batch_size, num_keypoints, 2), f"points are {keypoints.shape}"
    assert scores.shape == (batch_size, num_keypoints), f"scores are {scores.shape}"
    targets = codec.encode(batch["keypoints"], batch["visible"])
    check_losses(head.loss(outputs, targets), head)


def check_estimator(estimator: Estimator, *, batch_size: int = 2) -> None:
    """Check the three modes of an estimator on noise.

    Args:
        estimator: On the CPU; it is left in evaluation mode and with gradients.
        batch_size: B.

    Raises:
        AssertionError: The estimator breaks the contract.
    """
    num_keypoints = estimator.skeleton.num_keypoints
    batch = example_batch(estimator.codec.input_size, num_keypoints, batch_size=batch_size)
    image = batch["image"].clone()
    check_losses(estimator.train()(batch, "loss"), estimator)
    estimator.eval()
    with torch.no_grad():
        decoded, _ = estimator.codec.decode(estimator(batch, "tensor"))
        prediction = estimator(batch, "predict")
        shrunk: Batch = {**batch, "matrix": batch["matrix"] / 2}
        halved = estimator(shrunk, "predict")
    assert decoded.shape == (batch_size, num_keypoints, 2), f"points are {decoded.shape}"
    assert prediction["keypoints"].shape == decoded.shape
    assert prediction["scores"].shape == decoded.shape[:2]
    assert bool(prediction["keypoints"].isfinite().all()), "a predicted point is not finite"
    # A crop that shrank the image twofold: the same input pixels are twice as far in the image.
    assert_close(halved["keypoints"], 2 * prediction["keypoints"])
    assert torch.equal(batch["image"], image), "the batch's image was changed in place"


def check_losses(losses: dict[str, Tensor], module: nn.Module) -> None:
    """Check that losses are finite scalars and reach every parameter of `module`.

    Raises:
        AssertionError: They are not, or do not.
    """
    minimised = [loss for name, loss in losses.items() if name.startswith("loss")]
    assert minimised, f"no name begins with 'loss' in {sorted(losses)}"
    for name, loss in losses.items():
        assert loss.dim() == 0, f"{name} has shape {tuple(loss.shape)}, not that of a scalar"
        assert bool(loss.isfinite()), f"{name} is {loss.item()}"
    torch.stack(minimised).sum().backward()
    trained = ((n, p) for n, p in module.named_parameters() if p.requires_grad)
    for name, parameter in trained:
        assert parameter.grad is not None, f"{name} gets no gradient"
        assert bool(parameter.grad.isfinite().all()), f"{name} has a gradient that is not finite"
