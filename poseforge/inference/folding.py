"""Batch normalisation made part of the convolution before it, for any model."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from poseforge.models.estimators.base import Estimator
from poseforge.structures import Batch

Convolution = nn.Conv2d | nn.ConvTranspose2d


def fold_batch_norms(estimator: Estimator, batch: Batch) -> int:
    """Fold each batch normalisation into the convolution whose outputs it alone uses.

    Which those are is seen by running the estimator once and watching every operation, so that it
    works for whatever way modules are put together in. The estimator can only predict afterwards.

    Args:
        estimator: In evaluation mode; changed in place.
        batch: An example, on the estimator's device.

    Returns:
        How many were folded.
    """
    watcher = _Watcher()
    handles = [handle for module in estimator.modules() for handle in watcher.watch(module)]
    try:
        with torch.no_grad(), watcher:
            estimator(batch, "predict")
    finally:
        for handle in handles:
            handle.remove()
    pairs = watcher.pairs()
    for convolution, norm in pairs.items():
        _fold(convolution, norm)
    norms = set(pairs.values())
    _replace_by_identities(estimator, norms)
    return len(norms)


class _Watcher(TorchFunctionMode):
    """Sees which convolutions' outputs go to which batch normalisations, and to nothing else."""

    def __init__(self) -> None:
        super().__init__()
        # Keeping the outputs keeps later tensors from getting their ids.
        self._outputs: dict[int, tuple[Tensor, Convolution]] = {}
        self._users: dict[int, set[nn.Module | None]] = defaultdict(set)  # None: not a norm
        self._inputs: dict[nn.BatchNorm2d, set[int]] = defaultdict(set)
        self._norm: nn.BatchNorm2d | None = None  # the one that is running

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        for tensor in _tensors([*args, *kwargs.values()]):
            if id(tensor) in self._outputs:
                self._users[id(tensor)].add(self._norm)
        return func(*args, **kwargs)

    def watch(self, module: nn.Module) -> Iterator[RemovableHandle]:
        """See what a module is given and returns, until the handles are removed."""
        if isinstance(module, Convolution):
            yield module.register_forward_hook(self._after_convolution)
        elif isinstance(module, nn.BatchNorm2d):
            yield module.register_forward_pre_hook(self._before_norm)
            yield module.register_forward_hook(self._after_norm)

    def _after_convolution(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        self._outputs[id(output)] = output, cast(Convolution, module)

    def _before_norm(self, module: nn.Module, inputs: tuple[Tensor]) -> None:
        self._norm = cast(nn.BatchNorm2d, module)
        self._inputs[self._norm].add(id(inputs[0]))

    def _after_norm(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        self._norm = None

    def pairs(self) -> dict[Convolution, nn.BatchNorm2d]:
        """Return what can be folded: all that a norm ever saw is made for it alone."""
        users: dict[Convolution, set[nn.Module | None]] = defaultdict(set)
        for key, (_, convolution) in self._outputs.items():
            users[convolution] |= self._users[key] or {None}
        found = {}
        for norm, inputs in self._inputs.items():
            makers = {self._outputs[key][1] for key in inputs if key in self._outputs}
            from_elsewhere = inputs - self._outputs.keys()
            if not from_elsewhere and all(_foldable(c, norm, users[c]) for c in makers):
                found.update(dict.fromkeys(makers, norm))
        return found


def _foldable(convolution: Convolution, norm: nn.BatchNorm2d, users: set[nn.Module | None]) -> bool:
    in_groups = isinstance(convolution, nn.ConvTranspose2d) and convolution.groups > 1
    return users == {norm} and norm.running_mean is not None and not in_groups


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def _fold(convolution: Convolution, norm: nn.BatchNorm2d) -> None:
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight,
        convolution.bias,
        cast(Tensor, norm.running_mean),
        cast(Tensor, norm.running_var),
        norm.eps,
        norm.weight,
        norm.bias,
        transpose=isinstance(convolution, nn.ConvTranspose2d),
    )


def _replace_by_identities(estimator: Estimator, norms: set[nn.BatchNorm2d]) -> None:
    for parent in list(estimator.modules()):
        for name, child in list(parent.named_children()):
            if child in norms:
                setattr(parent, name, nn.Identity())
