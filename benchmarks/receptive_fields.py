"""How many pixels of the input a cell of a network sees; prints those of the models of docs/models.

python -m benchmarks.receptive_fields
"""

from pathlib import Path

import torch
from torch import nn

from poseforge.engine.config import load_config
from poseforge.models import build_estimator
from poseforge.models.estimators import TopDown
from poseforge.models.heads import CPMHead, SeedCPMHead

CONFIGS = Path(__file__).parents[1] / "configs"
SHOWN = ("simplepose_lsp", "hmappose_lsp", "cpm_lsp", "cpm_blog")


def receptive_fields(*parts: nn.Module) -> list[int]:
    """Return the side, input pixels, that a cell sees after each convolution and pooling in turn.

    Args:
        parts: A chain of square layers, or modules that run such layers in their order.
    """
    side, step, sides = 1, 1, []
    for part in parts:
        for layer in part.modules():
            if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
                side += (_first(layer.kernel_size) - 1) * step
                step *= _first(layer.stride)
                sides.append(side)
    return sides


def fields_of_stages(model: TopDown) -> list[int]:
    """Return the side, input pixels, that a cell of each stage of a CPM sees by the longest way.

    That is the way through the first stage; the later stages' own towers see less.
    """
    head = model.head
    if not isinstance(head, CPMHead):
        raise ValueError(f"{type(head).__name__} has no stages; give a model with a CPMHead")
    chain: list[nn.Module] = [model.backbone.first, head.first]
    fields = [receptive_fields(*chain)[-1]]
    for index, stage in enumerate(head.later):
        if isinstance(head, SeedCPMHead):
            chain.append(head.belief_convs[index])
        chain.append(stage)
        fields.append(receptive_fields(*chain)[-1])
    return fields


def build_model(name: str, device: str = "meta") -> TopDown:
    """Build a config's model; on the device "meta" without memory for its weights."""
    with torch.device(device):
        model = build_estimator(load_config(CONFIGS / f"{name}.py").model)
    if not isinstance(model, TopDown):
        raise ValueError(f"{name} is no TopDown model; name one of {', '.join(SHOWN)}")
    return model


def count_parameters(part: nn.Module) -> int:
    """Return how many numbers a model learns."""
    return sum(parameter.numel() for parameter in part.parameters())


def main() -> None:
    """Print parameters and receptive fields."""
    for name in SHOWN:
        model = build_model(name)
        if isinstance(model.head, CPMHead):
            fields = f"stage by stage {fields_of_stages(model)}"
        elif name.startswith("simplepose"):
            fields = f"features {receptive_fields(model.backbone)}, then all"
        else:
            fields = f"layer by layer {receptive_fields(model.backbone, model.head)}"
        width, height = model.codec.input_size
        print(
            f"{name}: {count_parameters(model):,} parameters, input {width} x {height} px, "
            f"receptive field {fields} px"
        )


def _first(size: int | tuple[int, ...]) -> int:
    return size if isinstance(size, int) else size[0]


if __name__ == "__main__":
    main()
