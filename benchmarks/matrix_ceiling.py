"""What a device's matrix units reach at most: large bfloat16 products and convolutions."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from benchmarks.timed_training import Plan, seconds

CALLS = 10  # of a timing


@dataclass(frozen=True)
class Work:
    """Something that is all matrix arithmetic.

    Attributes:
        name: What it is.
        flops: Floating-point operations of a call, the border's zeros included.
        call: Does it.
        device: Where.
    """

    name: str
    flops: float
    call: Callable[[], object]
    device: torch.device


def products(sides: Sequence[int], device: torch.device) -> list[Work]:
    """Return products of square matrices."""
    works = []
    for side in sides:
        a, b = torch.randn(2, side, side, device=device, dtype=torch.bfloat16)
        name = f"matrix product, {side} x {side}"
        works.append(Work(name, 2 * side**3, lambda a=a, b=b: a @ b, device))
    return works


def convolutions(shapes: Sequence[tuple[int, int, int, int]], device: torch.device) -> list[Work]:
    """Return convolutions that keep the size, in channels-last.

    Args:
        shapes: Batch, channels, side of the square features and side of the kernel, each.
        device: Where.
    """
    works = []
    for batch, channels, side, kernel in shapes:
        image, weight = (
            torch.randn(shape, device=device, dtype=torch.bfloat16).contiguous(
                memory_format=torch.channels_last
            )
            for shape in ((batch, channels, side, side), (channels, channels, kernel, kernel))
        )
        works.append(
            Work(
                f"{kernel} x {kernel} convolution, {channels} channels, {side} x {side}",
                2 * batch * (side * kernel * channels) ** 2,
                lambda x=image, w=weight, k=kernel: F.conv2d(x, w, padding=k // 2),
                device,
            )
        )
    return works


def rate(work: Work) -> float:
    """Return the operations a second, the fastest way that cuDNN finds for a convolution."""
    with torch.backends.cudnn.flags(benchmark=True), torch.inference_mode():
        taken = seconds(
            Plan(CALLS, 1, 1), itertools.repeat(None), lambda _: work.call(), work.device
        )
    return CALLS * work.flops / taken
