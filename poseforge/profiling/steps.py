"""What is timed: a model's training step and its prediction, on a batch of noise."""

from collections.abc import Callable, Iterator
from typing import Literal

import torch
from torch import Tensor, nn

from poseforge.engine.adapters import RunnerModel
from poseforge.engine.distributed import World
from poseforge.engine.optim import build_wrapper
from poseforge.engine.settings import CompileMode, OptimSettings
from poseforge.models.device import Amp, autocast
from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch, Prediction
from poseforge.testing import example_batch


class TrainingStep:
    """The engine's own iteration, in the first of the model's trainings.

    The learning rate is 0: the same work, but noise must not drive the weights to infinity.

    Args:
        estimator: The model, on its device; it is changed where `channels_last` asks for it.
        device: Where it is.
        optim: Optimizer and precision.
        world: Which process this is; None is alone.
        channels_last: Memory layout of images and weights.
        compile: Mode of `torch.compile`; None runs layer by layer.
    """

    def __init__(
        self,
        estimator: Estimator,
        device: torch.device,
        optim: OptimSettings,
        *,
        world: World | None = None,
        channels_last: bool = False,
        compile: CompileMode | None = None,
    ) -> None:
        self.wrapper = build_wrapper(estimator, optim, device.type)
        for group in self.wrapper.optimizer.param_groups:
            group["lr"] = 0.0
        self.estimator = estimator
        estimator.begin_phase(0, None)
        self.model = RunnerModel(
            estimator,
            device,
            world or World(),
            channels_last=channels_last,
            compile=compile,
        )

    def __call__(self, batch: Batch) -> None:
        """Run one iteration."""
        self.model.train()
        self.model.train_step(batch, self.wrapper)

    def tensors(self) -> Iterator[Tensor]:
        """Give what is held between batches: weights, gradients, and the optimizer's state."""
        yield from training_tensors(self.estimator, self.wrapper.optimizer)


class PredictionStep:
    """A prediction as tests make it, from a batch on the device to points on the device.

    Args:
        estimator: The model, on its device; it is changed where `channels_last` asks for it.
        device: Where it is.
        amp: Precision; None computes in float32.
        channels_last: Memory layout of weights; batches should have it, too.
        compile: Mode of `torch.compile`; None runs layer by layer.
    """

    def __init__(
        self,
        estimator: Estimator,
        device: torch.device,
        *,
        amp: Amp | None = None,
        channels_last: bool = False,
        compile: CompileMode | None = None,
    ) -> None:
        if channels_last:
            estimator.to(memory_format=torch.channels_last)
        self.estimator, self.device, self.amp = estimator, device, amp
        self.predict: Callable[[Batch, Literal["predict"]], Prediction] = (
            torch.compile(estimator, mode=compile) if compile else estimator
        )

    @torch.inference_mode()
    def __call__(self, batch: Batch) -> None:
        """Predict one batch."""
        self.estimator.eval()
        with autocast(self.device.type, self.amp):
            self.predict(batch, "predict")

    def tensors(self) -> Iterator[Tensor]:
        """Give what is held between batches: weights."""
        yield from weights(self.estimator)


def training_tensors(estimator: Estimator, optimizer: torch.optim.Optimizer) -> Iterator[Tensor]:
    """Give what a training holds between batches: weights, gradients, the optimizer's state."""
    yield from weights(estimator)
    yield from (p.grad for p in estimator.parameters() if p.grad is not None)
    for state in optimizer.state.values():
        yield from (value for value in state.values() if isinstance(value, Tensor))


def weights(module: nn.Module) -> Iterator[Tensor]:
    """Give a module's parameters and buffers."""
    yield from module.parameters()
    yield from module.buffers()


def noise(estimator: Estimator, batch_size: int) -> Batch:
    """Return a batch of noise that a model takes, on the CPU; a scene of it holds one person."""
    batch = example_batch(
        estimator.codec.input_size, estimator.skeleton.num_keypoints, batch_size=batch_size
    )
    if estimator.of_scenes:
        batch["keypoints"] = batch["keypoints"][:, None]
        batch["visible"] = batch["visible"][:, None]
    return batch


def finish(device: torch.device) -> None:
    """Wait until a device has done all that was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
