"""Batches that are on the device before they are needed."""

from collections.abc import Iterable, Iterator
from typing import cast

import torch
from torch import Tensor

from poseforge.models.device import to_device
from poseforge.structures import Batch


def prefetched(
    batches: Iterable[Batch], device: torch.device, *, channels_last: bool = False
) -> Iterator[Batch]:
    """Give each batch while the next one is being copied to the GPU, on a stream of its own.

    Copies from pinned memory neither wait for the network's kernels nor keep them waiting. One
    batch more than without is on the device. A batch for the CPU is given as it comes.
    """
    if device.type != "cuda":
        yield from batches
        return
    copies = torch.cuda.Stream(device)
    ahead: tuple[Batch, torch.cuda.Event] | None = None
    for batch in batches:
        with torch.cuda.stream(copies):
            moved = to_device(batch, device, channels_last=channels_last)
            following = moved, copies.record_event()
        if ahead is not None:
            yield _arrived(*ahead)
        ahead = following
    if ahead is not None:
        yield _arrived(*ahead)


def _arrived(batch: Batch, event: torch.cuda.Event) -> Batch:
    """Let the current stream wait for a copy, and the copy's memory for the current stream."""
    current = torch.cuda.current_stream()
    current.wait_event(event)
    for tensor in cast(dict[str, Tensor], batch).values():
        tensor.record_stream(current)
    return batch
