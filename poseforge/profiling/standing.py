"""Memory that is in use for as long as a training lasts."""

import torch
from torch import Tensor, nn


def standing_bytes(model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Return the bytes of parameters, buffers, gradients and the optimizer's state."""
    tensors = [
        *model.parameters(),
        *model.buffers(),
        *(p.grad for p in model.parameters() if p.grad is not None),
        *(v for state in optimizer.state.values() for v in state.values()),
    ]
    return sum(t.numel() * t.element_size() for t in tensors if isinstance(t, Tensor))
