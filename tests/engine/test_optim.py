from copy import deepcopy

import pytest
import torch
from torch import nn

from poseforge.engine.config import load_config
from poseforge.engine.optim import AutocastOptimWrapper, build_optimizer
from poseforge.engine.settings import OptimSettings
from poseforge.models.build import build_estimator
from poseforge.registry import UnknownNameError

SGD = {"type": "SGD", "lr": 1e-2, "weight_decay": 0.1}


def test_the_first_rule_that_applies_sets_a_parameters_group():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    rules = [{"match": "^0", "lr_mult": 5.0}, {"max_dims": 1, "decay_mult": 0.0}]
    optimizer = build_optimizer(model, OptimSettings(SGD, rules))
    first, vectors, rest = optimizer.param_groups
    assert {p.data_ptr() for p in first["params"]} == {p.data_ptr() for p in model[0].parameters()}
    assert (first["lr"], first["weight_decay"]) == (5e-2, 0.1)
    assert [p.data_ptr() for p in vectors["params"]] == [model[1].bias.data_ptr()]
    assert (vectors["lr"], vectors["weight_decay"]) == (1e-2, 0.0)
    assert [p.data_ptr() for p in rest["params"]] == [model[1].weight.data_ptr()]


def test_cpm_learns_at_the_rates_of_the_release():
    config = load_config("configs/cpm_lsp.py")
    with torch.device("meta"):
        estimator = build_estimator(config.model)
    optimizer = build_optimizer(estimator, config.optim)
    base = 8e-5
    expected = {
        "backbone.first.0.0.0.weight": (5 * base, 5e-4),
        "head.first.0.0.bias": (10 * base, 0.0),
        "backbone.later.0.0.0.weight": (base, 5e-4),
        "head.later.0.0.0.bias": (2 * base, 0.0),
    }
    names = {id(p): n for n, p in estimator.named_parameters()}
    rates = {
        names[id(p)]: (group["lr"], group["weight_decay"])
        for group in optimizer.param_groups
        for p in group["params"]
    }
    assert len(rates) == len(names)
    for name, pair in expected.items():
        assert rates[name] == pytest.approx(pair), name


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (OptimSettings({"type": "AdmW", "lr": 1.0}), "did you mean 'AdamW'"),
        (OptimSettings({"type": "SGD", "lr": 1.0, "momentun": 1}), "momentun"),
        (OptimSettings(SGD, [{"math": "x"}]), "no key 'math'; did you mean 'match'"),
    ],
)
def test_a_misspelt_optimizer_is_one_sentence(settings: OptimSettings, message: str):
    with pytest.raises(UnknownNameError, match=message):
        build_optimizer(nn.Linear(1, 1), settings)


def test_a_rule_without_parameters_is_refused():
    with pytest.raises(ValueError, match="matches no parameter"):
        build_optimizer(nn.Linear(1, 1), OptimSettings(SGD, [{"match": "backbone"}]))


def test_clipping_bounds_the_step():
    layer = nn.Linear(1, 1, bias=False)
    start = layer.weight.item()
    wrapper = AutocastOptimWrapper(
        torch.optim.SGD(layer.parameters(), lr=1.0), device_type="cpu", clip_norm=0.25
    )
    wrapper.update_params(layer(torch.full((1, 1), 100.0)).sum())
    assert abs(layer.weight.item() - start) == pytest.approx(0.25)


OFFERED = [
    {"type": "Adam", "lr": 1e-2},
    {"type": "AdamW", "lr": 1e-2, "weight_decay": 0.1},
    {"type": "SGD", "lr": 1e-2},
    {"type": "SGD", "lr": 1e-2, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
]


def train_toy(arguments: dict[str, object], steps: int) -> list[torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 1))
    optimizer = build_optimizer(model, OptimSettings(arguments))
    for _ in range(steps):
        model.zero_grad()
        model(torch.randn(16, 5)).square().mean().backward()
        optimizer.step()
    return list(model.parameters())


@pytest.mark.parametrize("arguments", OFFERED)
def test_fused_kernels_compute_what_the_others_do(arguments: dict[str, object]):
    fused = build_optimizer(nn.Linear(1, 1), OptimSettings(arguments))
    assert all(group["fused"] for group in fused.param_groups)
    plain = train_toy({**arguments, "fused": False}, steps=20)
    torch.testing.assert_close(train_toy(arguments, steps=20), plain, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "arguments",
    [
        {"type": "AdamW", "lr": 1.0, "fused": False},
        {"type": "AdamW", "lr": 1.0, "foreach": True},
        {"type": "SGD", "lr": 1.0, "momentum": 0.9, "dampening": 0.5},
        {"type": "RMSprop", "lr": 1.0},
    ],
)
def test_what_is_not_fused_is_not_asked_to_skip_by_itself(arguments: dict[str, object]):
    layer = nn.Linear(1, 1)
    optimizer = build_optimizer(layer, OptimSettings(arguments))
    assert not AutocastOptimWrapper(optimizer, device_type="cpu").skips_on_device


@pytest.mark.parametrize("arguments", OFFERED)
def test_a_flag_on_the_device_makes_a_fused_optimizer_skip(arguments: dict[str, object]):
    layer = nn.Linear(3, 1)
    optimizer = build_optimizer(layer, OptimSettings(arguments))
    wrapper = AutocastOptimWrapper(optimizer, device_type="cpu")
    assert wrapper.skips_on_device
    wrapper.update_params(layer(torch.ones(1, 3)).sum(), broken=torch.tensor(0.0))
    weights, state = deepcopy(layer.state_dict()), deepcopy(optimizer.state_dict())
    wrapper.update_params(layer(torch.full((1, 3), torch.inf)).sum(), broken=torch.tensor(1.0))
    torch.testing.assert_close(layer.state_dict(), weights, rtol=0, atol=0)
    torch.testing.assert_close(optimizer.state_dict()["state"], state["state"], rtol=0, atol=0)


def test_momentum_begins_for_each_parameter_at_its_first_gradient():
    layers = nn.ModuleList([nn.Linear(2, 1, bias=False), nn.Linear(2, 1, bias=False)])
    optimizer = build_optimizer(layers, OptimSettings({"type": "SGD", "lr": 1.0, "momentum": 0.5}))
    first, second = (layer.weight.detach().clone() for layer in layers)
    layers[0](torch.ones(1, 2)).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    sum(layer(torch.ones(1, 2)).sum() for layer in layers).backward()
    optimizer.step()
    torch.testing.assert_close(layers[0].weight, first - 1 - 1.5)
    torch.testing.assert_close(layers[1].weight, second - 1)
