import pytest
import torch

from poseforge.codecs import Coordinates
from poseforge.models.heads import RegressionHead
from poseforge.models.losses import CoordinateMSE, SmoothL1
from poseforge.testing import check_head, example_batch


@pytest.mark.parametrize("loss", [CoordinateMSE(), SmoothL1()])
def test_contract(loss):
    torch.manual_seed(0)
    head = RegressionHead(6 * 4 * 3, 5, loss, hidden=(16, 8), dropout=0.1)
    check_head(head, Coordinates((24, 32)), [torch.rand(2, 6, 4, 3)], 5)


def test_in_features_must_fit():
    head = RegressionHead(10, 5, CoordinateMSE(), hidden=())
    with pytest.raises(ValueError, match=r"6 x 4 x 3 = 72 values.*set in_features=72"):
        head([torch.rand(2, 6, 4, 3)], example_batch((24, 32), 5))
