"""Spans around everything that a step is made of: modules, codecs, losses, nodes, the optimizer."""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor

from poseforge.codecs import Codec
from poseforge.engine.optim import AutocastOptimWrapper
from poseforge.models.estimators.base import Estimator
from poseforge.models.heads.base import Head
from poseforge.profiling.spans import BACKWARD, MODEL, OPTIMIZER, OWN_COST, Key, Recorder


@contextmanager
def watched(estimator: Estimator, recorder: Recorder) -> Iterator[None]:
    """Measure the estimator's modules, its codecs' work and its heads' losses while this is open.

    A module is called by its qualified name; `head.loss` and `codec.encode` are called after whom
    they belong to.

    Args:
        estimator: On its device.
        recorder: Who measures.
    """
    with ExitStack() as stack:
        for name, module in estimator.named_modules():
            key = Key(name or MODEL, "forward")
            before = module.register_forward_pre_hook(_begins(recorder, key), prepend=True)
            after = module.register_forward_hook(_ends(recorder), always_call=True)
            stack.callback(before.remove)
            stack.callback(after.remove)
        for owner, method, name in _methods(estimator):
            stack.enter_context(_timed(owner, method, recorder, name))
        yield


@contextmanager
def watched_optimizer(
    wrapper: AutocastOptimWrapper, estimator: Estimator, recorder: Recorder
) -> Iterator[None]:
    """Measure backward pass and update while this is open, the backward pass by module.

    The nodes of autograd's graph belong to the modules that made them (`Recorder.owner`), gradients
    that are added up to the modules whose parameters they are of.

    Args:
        wrapper: What updates.
        estimator: Whose parameters.
        recorder: Who has measured the forward pass.
    """
    owners = {
        id(parameter): name or MODEL
        for name, module in estimator.named_modules()
        for parameter in module.parameters(recurse=False)
    }
    backward = wrapper.backward

    def timed_backward(loss: Tensor, **kwargs: Any) -> None:
        recorder.begin(OWN_COST)
        for node in _nodes(loss):
            parameter = getattr(node, "variable", None)
            if parameter is None:
                name = recorder.owner(node._sequence_nr())
            else:
                name = owners.get(id(parameter), BACKWARD)
            node.register_prehook(_begins(recorder, Key(name, "backward")))
            node.register_hook(_ends(recorder))
        recorder.end()
        with recorder.span(BACKWARD, "backward"):
            backward(loss, **kwargs)

    with (
        _replaced(wrapper, "backward", timed_backward),
        _timed(wrapper, "step", recorder, OPTIMIZER),
        _timed(wrapper, "zero_grad", recorder, OPTIMIZER),
    ):
        yield


def _begins(recorder: Recorder, key: Key) -> Callable[..., None]:
    def hook(*_: object) -> None:
        recorder.begin(key)

    return hook


def _ends(recorder: Recorder) -> Callable[..., None]:
    def hook(*_: object) -> None:
        recorder.end()

    return hook


def _methods(estimator: Estimator) -> Iterator[tuple[object, str, str]]:
    """Give what is worth a row and is no module: whose, which method, and how it is called."""
    seen: set[int] = set()
    for name, module in estimator.named_modules():
        prefix = f"{name}." if name else ""
        if isinstance(module, Head):
            yield module, "loss", f"{prefix}loss"
        codec = getattr(module, "codec", None)
        if isinstance(codec, Codec) and id(codec) not in seen:
            seen.add(id(codec))
            for method in ("encode", "decode"):
                yield codec, method, f"{prefix}codec.{method}"


@contextmanager
def _timed(owner: object, method: str, recorder: Recorder, name: str) -> Iterator[None]:
    original = getattr(owner, method)

    @functools.wraps(original)
    def timed(*args: Any, **kwargs: Any) -> Any:
        with recorder.span(name):
            return original(*args, **kwargs)

    with _replaced(owner, method, timed):
        yield


@contextmanager
def _replaced(owner: object, name: str, value: object) -> Iterator[None]:
    kept = {name: vars(owner)[name]} if name in vars(owner) else {}
    vars(owner)[name] = value  # codecs are frozen
    try:
        yield
    finally:
        del vars(owner)[name]
        vars(owner).update(kept)


def _nodes(loss: Tensor) -> Iterator[Any]:
    """Give the nodes of the graph behind a loss, each once."""
    waiting = [loss.grad_fn]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        yield node
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)
