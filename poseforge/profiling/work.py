"""What each part of a step has to compute and to move, counted operation by operation."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from poseforge.profiling.record import Work
from poseforge.profiling.spans import Key, Recorder

# They reserve memory or read a number; nothing is computed.
_NO_WORK = {"empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"}


class WorkCounter(TorchDispatchMode):
    """Counts the operations of a step for the span in which they run.

    Floating-point operations are those that torch knows a formula for: convolutions, matrix
    products and attention, two a multiply-add. Bytes are those of each operation's tensors: what it
    takes is read once, what it returns or changes is written once; views cost nothing.

    Args:
        recorder: Whose spans.

    Attributes:
        work: What has been counted, by part and pass.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._recorder = recorder
        self.work: dict[Key, Work] = defaultdict(Work)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is not torch.ops.prim.device.default:
            with self:  # what is made of other operations is counted as these
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = func(*args, **kwargs)
        key = self._recorder.current
        if key is not None and not _is_free(func):
            self.work[key] += _work_of(func, args, kwargs, result)
        return result


def _is_free(func: Any) -> bool:
    if func.is_view or func._schema.name.partition("::")[2] in _NO_WORK:
        return True
    returned = [value.alias_info for value in func._schema.returns]
    aliases = bool(returned) and all(info is not None and not info.is_write for info in returned)
    return aliases or (not returned and not func._schema.is_mutable)


def _work_of(func: Any, args: Any, kwargs: dict[str, Any], result: Any) -> Work:
    formula = flop_registry.get(func._overloadpacket)
    flops = formula(*args, **kwargs, out_val=result) if formula else 0
    read = {id(tensor): _size(tensor) for tensor in _tensors((args, kwargs))}
    written = {id(tensor): _size(tensor) for tensor in _tensors(result)}
    for spec, value in zip(func._schema.arguments, args, strict=False):
        if spec.alias_info is not None and spec.alias_info.is_write:
            written |= {id(tensor): _size(tensor) for tensor in _tensors(value)}
    return Work(int(flops), sum(read.values()), sum(written.values()), 1)


def _tensors(values: Any) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor))


def _size(tensor: Tensor) -> int:
    """Return the bytes that a tensor covers, each once where it repeats them."""
    if tensor.numel() == 0:
        return 0
    pairs = zip(tensor.shape, tensor.stride(), strict=True)
    count = 1
    for length, stride in pairs:
        count *= length if stride else 1
    return count * tensor.element_size()
