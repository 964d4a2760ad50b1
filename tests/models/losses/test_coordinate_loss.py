import pytest
import torch

from poseforge.models.losses import CoordinateMSE, SmoothL1

OUTPUTS = torch.tensor([[[0.5, 0.5], [0.1, 0.9]]])
TARGETS = torch.tensor([[[0.7, 0.4], [0.2, 0.2]]])
FIRST = torch.tensor([[1.0, 0.0]])


def test_formula_of_the_first_point_alone():
    square = 0.2**2 + 0.1**2
    assert float(CoordinateMSE(reduction="sum")(OUTPUTS, TARGETS, FIRST)) == pytest.approx(square)
    assert float(CoordinateMSE()(OUTPUTS, TARGETS, FIRST)) == pytest.approx(square / 4)
    # |0.2| is beyond beta: 0.2 - 0.15 / 2; |0.1| is below: 0.1^2 / (2 * 0.15).
    smooth = (0.2 - 0.075) + 0.01 / 0.3
    assert float(SmoothL1(beta=0.15)(OUTPUTS, TARGETS, FIRST)) == pytest.approx(smooth / 4)


@pytest.mark.parametrize("loss", [CoordinateMSE(), CoordinateMSE(reduction="sum"), SmoothL1()])
def test_weight_zero_has_no_gradient(loss):
    leaf = OUTPUTS.clone().requires_grad_()
    loss(leaf, TARGETS, FIRST).backward()
    assert leaf.grad[0, 0].all()
    assert not leaf.grad[0, 1].any()


def test_refuses():
    with pytest.raises(ValueError, match="choose one of mean, sum"):
        CoordinateMSE(reduction="none")
    with pytest.raises(ValueError, match="must be positive"):
        SmoothL1(beta=0)
    with pytest.raises(ValueError, match="make the head's num_keypoints"):
        SmoothL1()(OUTPUTS[:, :1], TARGETS, FIRST)
