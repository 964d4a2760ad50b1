"""How several processes train one model: each holds all of it, or a share.

"ddp" (Li et al., VLDB 2020, https://arxiv.org/abs/2006.15704): every process holds the whole model
and optimizer, and gradients are averaged while the backward pass still runs. "fsdp" (Zhao et al.,
VLDB 2023, https://arxiv.org/abs/2304.11277): each holds a share of every tensor, and a block is
gathered for the time that it computes: less memory, more traffic.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils._pytree import tree_map_only

from poseforge.engine.checks import SetupError
from poseforge.engine.config import RunConfig
from poseforge.engine.distributed import World
from poseforge.engine.settings import Strategy
from poseforge.models.estimators.base import Estimator

T = TypeVar("T")
LEAST = 500_000  # parameters of a block that is worth gathering by itself
MOST = 10_000_000  # parameters that a block has at most, unless it cannot be divided


def check_strategy(config: RunConfig, estimator: Estimator, device: torch.device) -> None:
    """See that a config's choices about several processes can be followed.

    Raises:
        SetupError: They cannot.
    """
    if config.train.sync_batch_norm and device.type != "cuda":
        raise SetupError(
            "train_cfg.sync_batch_norm needs GPUs: torch has no synchronised batch normalisation "
            "for the CPU; leave it out"
        )
    if config.train.strategy != "fsdp":
        return
    if not dist.is_initialized():
        raise SetupError(
            "--strategy fsdp shares a model among processes, and this one is alone; start with "
            "torchrun and --launcher pytorch, or leave it out"
        )
    if config.ema is not None:
        raise SetupError(
            "--strategy fsdp keeps no average of the weights; set ema=None or use --strategy ddp"
        )
    if estimator.phases > 1:
        raise SetupError("a model that is trained in phases is not shared out; use --strategy ddp")


def parallelize(
    estimator: Estimator, device: torch.device, world: World, strategy: Strategy
) -> nn.Module:
    """Return the module to train: gradients of all processes become one in its backward pass.

    Args:
        estimator: The model on its device; "fsdp" leaves a share of its parameters in it.
        device: Where it is.
        world: Which process this is.
        strategy: "ddp" or "fsdp".
    """
    if not dist.is_initialized():
        return estimator
    if strategy == "fsdp":
        return shard(estimator, device, world)
    with warnings.catch_warnings():
        # Its new name is not known to every torch that we run on.
        warnings.filterwarnings("ignore", "`broadcast_buffers` is deprecated", FutureWarning)
        return DistributedDataParallel(
            estimator,
            device_ids=[device.index] if device.type == "cuda" else None,
            broadcast_buffers=False,  # `as_validated` does it when it matters
            gradient_as_bucket_view=True,  # no second copy of all gradients
        )


def shard(estimator: Estimator, device: torch.device, world: World) -> nn.Module:
    """Leave each process its share of every parameter, in place."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    estimator.to(memory_format=torch.contiguous_format)  # a share is a range of rows
    mesh = init_device_mesh(device.type, (world.size,))
    for block in blocks(estimator):
        fully_shard(block, mesh=mesh)
    fully_shard(estimator, mesh=mesh)
    return estimator


def blocks(model: nn.Module) -> Iterator[nn.Module]:
    """Choose what is gathered at a time: the largest parts of `LEAST` to `MOST` parameters.

    Smaller parts stay with the whole model, and so do lists, which are never called themselves.
    """
    for child in model.children():
        size = sum(parameter.numel() for parameter in child.parameters())
        if size < LEAST:
            continue
        inner = list(blocks(child))
        is_list = isinstance(child, nn.ModuleList | nn.ModuleDict)
        if not is_list and (size <= MOST or not inner):
            yield child
        else:
            yield from inner


@contextmanager
def as_validated(estimator: nn.Module) -> Iterator[None]:
    """Have the whole model of process 0 in every process, to call it as often as each likes.

    Processes see different batches, so their running means in batch normalisation differ; those of
    process 0 are what a checkpoint holds.
    """
    if dist.is_initialized():
        for buffer in estimator.buffers():
            dist.broadcast(buffer, src=0)
    shared = _shared(estimator)
    for module in shared:
        module.set_reshard_after_forward(False, recurse=False)
        module.unshard()
    try:
        yield
    finally:
        for module in shared:
            module.reshard()
            module.set_reshard_after_forward(module is not estimator, recurse=False)


def _shared(model: nn.Module) -> list[Any]:
    if not dist.is_initialized():
        return []
    from torch.distributed.fsdp import FSDPModule

    return [module for module in model.modules() if isinstance(module, FSDPModule)]


def is_shared(model: nn.Module) -> bool:
    """Return whether each process holds a share of the model only."""
    return bool(_shared(model))


def whole(state: T) -> T:
    """Return nested values with every shared tensor put together; all processes call it.

    Only process 0 gets what a checkpoint holds; the others help, tensor by tensor.
    """
    if not dist.is_initialized():
        return state
    from torch.distributed.tensor import DTensor

    def put_together(tensor: Any) -> Tensor:
        full: Tensor = tensor.full_tensor()
        return full.cpu() if dist.get_rank() == 0 else full.new_empty(0)

    return tree_map_only(DTensor, put_together, state)  # type: ignore[no-any-return]


def shared_like(tensor: Tensor, parameter: Tensor) -> Tensor:
    """Return this process's share of a whole tensor where the parameter is shared out."""
    if not dist.is_initialized() or tensor.shape != parameter.shape:
        return tensor
    from torch.distributed.tensor import DTensor, distribute_tensor

    if not isinstance(parameter, DTensor):
        return tensor
    here = tensor.to(parameter.device)
    return distribute_tensor(here, parameter.device_mesh, parameter.placements)


def shared_weights(weights: Mapping[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Return whole tensors by name as the model holds its own."""
    ours = model.state_dict()
    return {k: shared_like(v, ours[k]) if k in ours else v for k, v in weights.items()}


def shared_optimizer_state(
    state: Mapping[str, Any], optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    """Return an optimizer's whole state as the optimizer holds its parameters.

    Which kernels it has is not part of its state: not all of them take shared parameters.
    """
    numbers = [number for group in state["param_groups"] for number in group["params"]]
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    shared = {
        number: {k: _moment_like(v, parameter) for k, v in state["state"][number].items()}
        for number, parameter in zip(numbers, parameters, strict=False)
        if number in state["state"]
    }
    own = {key: value for key, value in optimizer.defaults.items() if key == "fused"}
    groups = [{**group, **own} for group in state["param_groups"]]
    return {"state": {**state["state"], **shared}, "param_groups": groups}


def _moment_like(value: Any, parameter: Tensor) -> Any:
    return shared_like(value, parameter) if isinstance(value, Tensor) else value
