import pytest
import torch

from poseforge.models.preprocessor import Normalize


def test_default_is_the_unit_range():
    image = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    assert Normalize()(image).flatten().tolist() == [0, pytest.approx(0.2), 1]


def test_mean_and_std_belong_to_the_order_of_the_result():
    image = torch.tensor([10, 20, 30], dtype=torch.uint8).view(1, 3, 1, 1)
    normalize = Normalize((1, 2, 3), (1, 2, 4), bgr=True)
    assert normalize(image).flatten().tolist() == [29, 9, 1.75]
    assert not normalize.state_dict()


@pytest.mark.parametrize(("mean", "std"), [((0, 0), (1, 1, 1)), ((0, 0, 0), (1, 0, 1))])
def test_refuses(mean, std):
    with pytest.raises(ValueError, match="give three values each"):
        Normalize(mean, std)
