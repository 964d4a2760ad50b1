"""Where a model runs, how batches get there, and with what precision."""

from typing import Literal, TypeAlias, cast

import torch
from torch import Tensor

from poseforge.models.augmentation import make_pictures
from poseforge.structures import Batch

Amp: TypeAlias = Literal["bf16", "fp16"]
DTYPES: dict[Amp, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def choose_device(name: str | None, process: int = 0) -> torch.device:
    """Return the device to run on: the one named, else a GPU where there is one.

    Args:
        name: "cpu", "cuda" or "cuda:N"; None chooses.
        process: This process's number on its machine, which has the GPU of that number.

    Raises:
        ValueError: The device is not there or not known.
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name is None:
        name = "cuda" if count else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"device='{name}' is not a device; use 'cpu' or 'cuda'") from error
    if device.type == "cuda":
        number = process if device.index is None else device.index
        if number >= count:
            raise ValueError(
                f"device='cuda:{number}' is not there: this machine has {count} usable GPUs; "
                "use device='cpu' or another number"
            )
        return torch.device("cuda", number)
    if device.type != "cpu":
        raise ValueError(f"device='{name}' is not supported; use 'cpu' or 'cuda'")
    return device


def to_device(batch: Batch, device: torch.device, *, channels_last: bool = False) -> Batch:
    """Move a batch in one call per tensor, without waiting, and make its pictures if need be."""
    tensors = cast(dict[str, Tensor], batch)
    moved = {key: value.to(device, non_blocking=True) for key, value in tensors.items()}
    moved = cast(dict[str, Tensor], make_pictures(cast(Batch, moved)))
    if channels_last:
        moved["image"] = moved["image"].contiguous(memory_format=torch.channels_last)
    return cast(Batch, moved)


def autocast(device_type: str, amp: Amp | None) -> torch.autocast:
    """Return a context in which a model computes in mixed precision; None is float32."""
    return torch.autocast(device_type, dtype=DTYPES[amp] if amp else None, enabled=bool(amp))
