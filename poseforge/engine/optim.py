"""Optimizers with parameter groups, and one optimizer wrapper for every precision and device."""

import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from poseforge.engine.mmengine_parts import OptimWrapper
from poseforge.engine.settings import OptimSettings
from poseforge.engine.strategies import is_shared
from poseforge.models.device import Amp, autocast
from poseforge.registry import UnknownNameError, nearest

RULE_KEYS = ("match", "max_dims", "lr_mult", "decay_mult")


def build_optimizer(model: nn.Module, settings: OptimSettings) -> torch.optim.Optimizer:
    """Build a `torch.optim` optimizer with one group per rule of `paramwise`.

    Raises:
        UnknownNameError: The optimizer or one of its arguments is not known.
        ValueError: A rule matches no parameter.
    """
    arguments = dict(settings.optimizer)
    name = arguments.pop("type", None)
    kinds = {
        key: kind
        for key, kind in vars(torch.optim).items()
        if isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer)
    }
    if name not in kinds:
        raise UnknownNameError(
            f"torch.optim has no optimizer '{name}'{nearest(str(name), kinds)}; "
            "set optim_wrapper.optimizer.type"
        )
    groups = parameter_groups(model, settings.paramwise, arguments)
    chosen = _fused(name, arguments, shared=is_shared(model))
    try:
        optimizer = _without_compiler(kinds[name])(groups, **arguments, **chosen)
    except TypeError as error:
        raise UnknownNameError(f"optim_wrapper.optimizer: {error}") from error
    if chosen and arguments.get("momentum"):
        _begin_momentum(optimizer)
    return optimizer


def _fused(name: str, arguments: Mapping[str, Any], *, shared: bool) -> dict[str, Any]:
    """Ask for one kernel for all parameters, where torch has one on the CPU as on GPUs.

    Of parameters that are shared among processes it has none for SGD.
    """
    fuses_sgd = not arguments.get("dampening") and not shared
    offers = name in ("Adam", "AdamW") or (name == "SGD" and fuses_sgd)
    says_otherwise = {"fused", "foreach", "differentiable"} & arguments.keys()
    return {"fused": True} if offers and not says_otherwise else {}


def _without_compiler(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """Return the optimizer without the decorators that keep `torch.compile` out of its methods.

    They load the compiler, which takes as long as half of torch, in runs that compile nothing too.
    """
    names = ("add_param_group", "zero_grad", "state_dict", "load_state_dict", "step")
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    return type(kind.__name__, (kind,), {**methods, "step": torch.no_grad()(methods["step"])})


def _begin_momentum(optimizer: torch.optim.Optimizer) -> None:
    """Let momentum begin at 0, which without dampening is what torch computes.

    Fused SGD takes what it has not computed yet from uninitialised memory, where a first update
    was skipped, and fails where some parameters of a group got their first gradient before others.
    """
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)


def parameter_groups(
    model: nn.Module, rules: list[dict[str, Any]], arguments: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Split a model's parameters by the first rule that matches their names.

    Args:
        model: Whose parameters.
        rules: `dict(match="", max_dims=None, lr_mult=1, decay_mult=1)`; the regex is searched in
            the name, and `max_dims=1` means vectors: biases and normalisation.
        arguments: The optimizer's arguments, for the base `lr` and `weight_decay`.

    Returns:
        Optimizer groups: those of the rules in their order, then the unmatched parameters.
    """
    _check_rules(rules)
    members: list[list[nn.Parameter]] = [[] for _ in range(len(rules) + 1)]
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            hits = (i for i, rule in enumerate(rules) if _applies(rule, name, parameter))
            members[next(hits, len(rules))].append(parameter)
    for rule, parameters in zip(rules, members, strict=False):
        if not parameters:
            raise ValueError(
                f"the paramwise rule {rule} matches no parameter that an earlier rule has left; "
                "correct the pattern or remove the rule"
            )
    pairs = zip([*rules, {}], members, strict=True)
    return [_group(rule, parameters, arguments) for rule, parameters in pairs if parameters]


def _check_rules(rules: list[dict[str, Any]]) -> None:
    for key in (key for rule in rules for key in rule):
        if key not in RULE_KEYS:
            raise UnknownNameError(
                f"a paramwise rule has no key '{key}'{nearest(key, RULE_KEYS)}; "
                f"it has {', '.join(RULE_KEYS)}"
            )


def _group(
    rule: Mapping[str, Any], parameters: list[nn.Parameter], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    group: dict[str, Any] = {"params": parameters}
    for key, factor in (("lr", "lr_mult"), ("weight_decay", "decay_mult")):
        if key in arguments:
            group[key] = arguments[key] * rule.get(factor, 1.0)
    return group


def _applies(rule: Mapping[str, Any], name: str, parameter: nn.Parameter) -> bool:
    fits = parameter.ndim <= rule.get("max_dims", parameter.ndim)
    return fits and re.search(rule.get("match", ""), name) is not None


class AutocastOptimWrapper(OptimWrapper):
    """Gradient accumulation, clipping and mixed precision on any device.

    Args:
        optimizer: What steps.
        device_type: "cpu" or "cuda".
        amp: Precision of the forward pass; None is float32. "fp16" scales losses on a GPU.
        accumulative_counts: Iterations whose gradients are averaged.
        clip_norm: Largest gradient norm.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        *,
        device_type: str,
        amp: Amp | None = None,
        accumulative_counts: int = 1,
        clip_norm: float | None = None,
    ) -> None:
        clip = None if clip_norm is None else {"max_norm": clip_norm}
        super().__init__(optimizer, accumulative_counts=accumulative_counts, clip_grad=clip)
        self.device_type = device_type
        self.amp = amp
        scales = amp == "fp16" and device_type == "cuda"
        self.scaler = torch.amp.GradScaler(device_type, enabled=scales)

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        with super().optim_context(model), autocast(self.device_type, self.amp):
            yield

    @property
    def skips_on_device(self) -> bool:
        """Whether `update_params` takes `broken`.

        Fused kernels can leave everything as it is at a flag's value. Gradients that wait for a
        window cannot be taken back.
        """
        fused = all(group.get("fused") for group in self.optimizer.param_groups)
        return fused and self._accumulative_counts == 1

    def update_params(self, loss: Tensor, *, broken: Tensor | None = None) -> None:
        """Compute gradients, and step where the window is full.

        Args:
            loss: () what to minimise.
            broken: () on the loss's device; where it is 1, nothing is updated.
        """
        if broken is not None and self.scaler.is_enabled():
            # The scaler sets the flag itself, by gradients: of this product none is finite.
            loss = loss * torch.where(broken > 0, torch.nan, 1.0)
        super().update_params(loss, step_kwargs={"broken": broken})

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        self.scaler.scale(loss).backward(**kwargs)
        self._inner_count += 1

    def step(self, *, broken: Tensor | None = None) -> None:
        if self.clip_grad_kwargs:
            self.scaler.unscale_(self.optimizer)
            parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
            nn.utils.clip_grad_norm_(parameters, **self.clip_grad_kwargs)
        self.optimizer.found_inf = broken  # what fused kernels ask
        self.scaler.step(self.optimizer)
        self.scaler.update()

    @property
    def window_is_closed(self) -> bool:
        """Whether the optimizer has just stepped, so that no gradient waits for its window."""
        return bool(self.should_update())


def build_wrapper(
    model: nn.Module, settings: OptimSettings, device_type: str
) -> AutocastOptimWrapper:
    """Build the optimizer of a config's `optim_wrapper` and wrap it."""
    return AutocastOptimWrapper(
        build_optimizer(model, settings),
        device_type=device_type,
        amp=settings.amp,
        accumulative_counts=settings.accumulative_counts,
        clip_norm=settings.clip_norm,
    )
