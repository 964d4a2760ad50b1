"""Between our plain estimators and the Runner that drives them."""

from typing import cast

import torch
from torch import Tensor, nn

from poseforge.engine import distributed
from poseforge.engine.distributed import World
from poseforge.engine.optim import AutocastOptimWrapper
from poseforge.engine.settings import Strategy
from poseforge.engine.strategies import parallelize
from poseforge.models.augmentation import make_pictures
from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch


class NonFiniteLossError(RuntimeError):
    """A loss that is infinite or not a number; nothing has been updated with it."""


def to_device(batch: Batch, device: torch.device, *, channels_last: bool = False) -> Batch:
    """Move a batch in one call per tensor, without waiting, and make its pictures if need be."""
    tensors = cast(dict[str, Tensor], batch)
    moved = {key: value.to(device, non_blocking=True) for key, value in tensors.items()}
    moved = cast(dict[str, Tensor], make_pictures(cast(Batch, moved)))
    if channels_last:
        moved["image"] = moved["image"].contiguous(memory_format=torch.channels_last)
    return cast(Batch, moved)


def total_loss(losses: dict[str, Tensor]) -> Tensor:
    """Add up the scalars whose name begins with `loss`.

    Raises:
        ValueError: There is none.
    """
    parts = [value for name, value in losses.items() if name.startswith("loss")]
    if not parts:
        raise ValueError(
            f"the head's loss() returned {sorted(losses)}; at least one name must begin with 'loss'"
        )
    return torch.stack(parts).sum()


class RunnerModel(nn.Module):
    """What the Runner trains: an estimator, made parallel where there are several processes.

    Args:
        estimator: The model, on its device.
        device: Where it is.
        world: Which process this is.
        channels_last: Memory layout of images and weights.
        strategy: How several processes share the work.
    """

    def __init__(
        self,
        estimator: Estimator,
        device: torch.device,
        world: World,
        *,
        channels_last: bool = False,
        strategy: Strategy = "ddp",
    ) -> None:
        super().__init__()
        if channels_last:
            estimator = estimator.to(memory_format=torch.channels_last)
        self.estimator = estimator
        self.device = device
        self.channels_last = channels_last
        self.stop_requested = False
        self.world = world
        self.strategy = strategy
        self.make_parallel()

    def make_parallel(self) -> None:
        """Share gradients among the processes: of what is trained now, so again for each phase."""
        self.parallel = parallelize(self.estimator, self.device, self.world, self.strategy)

    def train_step(
        self, data: Batch, optim_wrapper: AutocastOptimWrapper
    ) -> dict[str, Tensor | bool]:
        """Run one iteration and update.

        Returns:
            The losses by name (detached), their sum as `total`, and `stop`: whether any process
            was asked to stop.

        Raises:
            NonFiniteLossError: Some process's loss is not finite; nothing was updated.
        """
        batch = to_device(data, self.device, channels_last=self.channels_last)
        with optim_wrapper.optim_context(self.parallel):
            losses = self.parallel(batch, "loss")
            total = total_loss(losses)
        broken, stop = self._agree(total)
        if broken:
            raise NonFiniteLossError
        optim_wrapper.update_params(total)
        return {**{k: v.detach() for k, v in losses.items()}, "total": total.detach(), "stop": stop}

    def _agree(self, total: Tensor) -> tuple[bool, bool]:
        stop = torch.tensor(float(self.stop_requested), device=total.device)
        flags = torch.stack([(~torch.isfinite(total.detach())).float(), stop])
        broken, stopped = distributed.any_process(flags).tolist()
        return bool(broken), bool(stopped)
