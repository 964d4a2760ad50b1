"""Receptive fields against where a gradient arrives."""

import pytest
import torch
from torch import Tensor, nn

from benchmarks.receptive_fields import (
    build_model,
    count_parameters,
    fields_of_stages,
    main,
    receptive_fields,
)
from poseforge.models import build_estimator

CPM = dict(
    type="TopDown",
    skeleton="lsp14",
    codec=dict(type="Heatmap", input_size=(264, 264), stride=8, sigma_px=7.0, extra="background"),
    backbone=dict(type="CPMTowers", width=4),
    head=dict(
        type="CPMHead", num_keypoints=14, width=4, num_stages=2, loss=dict(type="HeatmapMSE")
    ),
)


def seen(outputs: Tensor, images: Tensor) -> tuple[int, int]:
    """Return the height and width of what the middle cell of the last map depends on."""
    row, column = (side // 2 for side in outputs.shape[-2:])
    outputs[..., row, column].sum().backward()
    assert images.grad is not None
    touched = images.grad[0].abs().sum(dim=0) > 0
    height, width = (int(touched.any(dim=axis).sum()) for axis in (1, 0))
    return height, width


def let_everything_through(model: nn.Module) -> None:
    """Make all weights positive, and let a pooling pass every pixel on, not only the largest."""
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.01)
    for part in list(model.modules()):
        for name, child in part.named_children():
            if isinstance(child, nn.MaxPool2d):
                pool = nn.AvgPool2d(
                    child.kernel_size, child.stride, child.padding, ceil_mode=child.ceil_mode
                )
                setattr(part, name, pool)


@pytest.mark.parametrize(("stages", "side"), [(1, 264), (2, 520)])
def test_a_gradient_of_cpm_reaches_as_far(stages: int, side: int):
    model = build_estimator({**CPM, "head": {**CPM["head"], "num_stages": stages}}).double()
    expected = fields_of_stages(model)
    assert expected == [167, 407][:stages]
    let_everything_through(model)
    images = torch.ones(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    batch = {"image": images, "center": torch.full((1, 2), side / 2)}
    maps = model.head(model.backbone(images), batch)[:, -1]
    assert seen(maps, images) == (expected[-1], expected[-1])


def test_a_gradient_of_hmappose_reaches_as_far():
    head = dict(
        type="HeatmapHead", num_keypoints=14, in_channels=4, widths=(4, 4), extra_channels=1
    )
    model = build_estimator(
        {
            **CPM,
            "codec": {**CPM["codec"], "extra": "sum"},
            "backbone": dict(type="ConvStack", channels=(4, 4, 4)),
            "head": {**head, "loss": dict(type="HeatmapMSE")},
        }
    ).double()
    assert receptive_fields(model.backbone, model.head) == [5, 6, 14, 16, 32, 36, 100, 100, 100]
    let_everything_through(model)
    images = torch.ones(1, 3, 256, 256, dtype=torch.float64, requires_grad=True)
    assert seen(model.head(model.backbone(images), {"image": images}), images) == (100, 100)


def test_a_model_without_stages_is_refused():
    with pytest.raises(ValueError, match="RegressionHead has no stages"):
        fields_of_stages(build_model("simplepose_lsp"))


def test_a_models_parameters_are_counted():
    # 3 -> 128 channels by 5 x 5, and the biases
    stem = build_model("simplepose_lsp").backbone.blocks[0]
    assert count_parameters(stem) == 128 * (3 * 5 * 5 + 1)


def test_the_models_are_printed(capsys: pytest.CaptureFixture[str]):
    main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert "31,219,866" in lines[2]
    assert "[167, 407, 647, 887, 1127, 1367]" in lines[2]
