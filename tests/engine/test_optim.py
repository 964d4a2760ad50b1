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
