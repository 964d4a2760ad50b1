"""A convolution with what follows it, and how its weights begin."""

from torch import nn


def conv_relu(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    *,
    stride: int = 1,
    batch_norm: bool = False,
) -> nn.Sequential:
    """Return convolution, batch normalisation if asked for, ReLU; stride 1 keeps the size.

    With batch normalisation the convolution has no bias and starts from He et al.'s normal
    distribution, https://arxiv.org/abs/1502.01852; without, from PyTorch's default.
    """
    conv = nn.Conv2d(
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding=kernel_size // 2,
        bias=not batch_norm,
    )
    if not batch_norm:
        return nn.Sequential(conv, nn.ReLU(inplace=True))
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True))


def gaussian_init_(module: nn.Module, std: float) -> None:
    """Draw the weights of all convolutions in `module` from N(0, std²); biases become 0."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.normal_(part.weight, std=std)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
