"""Where a model runs."""

import torch


def choose_device(name: str | None, process: int = 0) -> torch.device:
    """Return the device to predict on: the one named, else a GPU where there is one.

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
