"""Between our plain estimators and the Runner that drives them."""

import torch
from torch import Tensor, nn

from poseforge.engine import distributed
from poseforge.engine.distributed import World
from poseforge.engine.optim import AutocastOptimWrapper
from poseforge.engine.settings import Strategy
from poseforge.engine.strategies import parallelize
from poseforge.models.device import to_device
from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch


class NonFiniteLossError(RuntimeError):
    """A loss that is infinite or not a number; nothing has been updated with it."""


class Agreement:
    """What all processes agree on about an iteration, on its way from the device to the host.

    Args:
        total: () the iteration's loss.
        stop: Whether this process was asked to stop.

    Attributes:
        broken: () on the device: 1 where the loss of any process is not finite, else 0.
    """

    def __init__(self, total: Tensor, *, stop: bool) -> None:
        bad = (~torch.isfinite(total.detach())).float()
        flags = distributed.any_process(torch.stack([bad, torch.full_like(bad, float(stop))]))
        self.broken = flags[0]
        self._host = flags.to("cpu", non_blocking=True)
        self._arrival = torch.cuda.Event() if flags.is_cuda else None
        if self._arrival is not None:
            self._arrival.record()

    def read(self) -> tuple[bool, bool]:
        """Wait for the forward pass alone; return whether the loss is broken and whether to stop.

        Work that has been queued since goes on meanwhile.
        """
        if self._arrival is not None:
            self._arrival.synchronize()
        broken, stop = self._host.tolist()
        return bool(broken), bool(stop)


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
        compile: Mode of `torch.compile` for training; None runs layer by layer.
    """

    def __init__(
        self,
        estimator: Estimator,
        device: torch.device,
        world: World,
        *,
        channels_last: bool = False,
        strategy: Strategy = "ddp",
        compile: str | None = None,
    ) -> None:
        super().__init__()
        if channels_last:
            estimator = estimator.to(memory_format=torch.channels_last)
        self.estimator = estimator
        self.device = device
        self.channels_last = channels_last
        self.compile_mode = compile
        self.stop_requested = False
        self.world = world
        self.strategy = strategy
        self.make_parallel()

    def make_parallel(self) -> None:
        """Share gradients among the processes: of what is trained now, so again for each phase."""
        self.parallel = parallelize(self.estimator, self.device, self.world, self.strategy)
        # Of an eager run the compiler, which takes a second to load, is not touched.
        mode = self.compile_mode
        self.trained = torch.compile(self.parallel, mode=mode) if mode else self.parallel

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
            losses = self.trained(batch, "loss")
            total = total_loss(losses)
        agreement = Agreement(total, stop=self.stop_requested)
        # The host must not wait while the device has nothing to do. So, where the optimizer skips a
        # broken update on the device, backward pass and update are queued before the flags are
        # read: they are known once the forward pass is done, when most of the step is still ahead
        # of the device. All processes read the same flags in the same iteration, so that all stop
        # behind the same one, and no hook sees an iteration whose loss is broken.
        is_queued = optim_wrapper.skips_on_device
        if is_queued:
            optim_wrapper.update_params(total, broken=agreement.broken)
        broken, stop = agreement.read()
        if broken:
            raise NonFiniteLossError
        if not is_queued:
            optim_wrapper.update_params(total)
        return {**{k: v.detach() for k, v in losses.items()}, "total": total.detach(), "stop": stop}
