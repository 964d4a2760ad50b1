"""Every model's forward pass is one graph for `torch.compile`, with nothing read by the host.

The models lie on the meta device, which has no values: whatever asks for one fails.
"""

import pytest
import torch

from poseforge.engine.config import load_config
from poseforge.models.build import build_estimator
from poseforge.models.estimators.base import Estimator
from poseforge.registry import BACKBONES, ESTIMATORS, HEADS, NECKS
from poseforge.structures import Batch
from poseforge.testing.examples import example_batch

STAGES = "model.head.num_stages=2"
CASCADE = "model.stages=2"
# What each config is traced in. A cascade's outputs depend on how many stages a buffer says are
# trained, and people of fields are put together by the host.
TRACED = [
    ("simplepose_course", [], ("tensor", "loss", "predict")),
    ("hmappose_course", [], ("tensor", "loss", "predict")),
    ("cpm_course", [STAGES], ("tensor", "loss", "predict")),
    ("cpm_blog", [STAGES], ("tensor", "loss", "predict")),
    ("eol_course", [], ("tensor", "loss")),
    ("deeppose_synthetic", [CASCADE], ("loss",)),
    ("deeppose_r50_lsp", [CASCADE], ("loss",)),
    ("simplebaseline_r50_coco", [], ("tensor", "loss", "predict")),
    ("openpose_coco", [STAGES], ("tensor", "loss")),
    ("openpose_synthetic", [], ("tensor", "loss")),
    ("openpose_course", [], ("tensor", "loss")),
    ("compact_lsp", [], ("tensor", "loss", "predict")),
    ("compact_lsp", ["model.type=FlipConsistent"], ("loss",)),
]
QUICK = [(name, "loss") for name in ("simplepose_course", "hmappose_course", "cpm_course")]


def build(name: str, overrides: list[str]) -> Estimator:
    with torch.device("meta"):
        return build_estimator(load_config(f"configs/{name}.py", overrides).model)


def meta_batch(estimator: Estimator) -> Batch:
    batch = example_batch(estimator.codec.input_size, estimator.skeleton.num_keypoints)
    if estimator.of_scenes:
        everyone = {name: batch[name][:, None] for name in ("keypoints", "visible")}
        batch = {**batch, **everyone, "ignored": torch.full((len(batch["index"]), 1, 4), torch.nan)}
    return {key: value.to("meta") for key, value in batch.items()}


@pytest.mark.filterwarnings("ignore")  # of torch, while it loads its compiler
@pytest.mark.parametrize(
    ("name", "overrides", "mode"),
    [
        pytest.param(name, overrides, mode, marks=() if (name, mode) in QUICK else pytest.mark.slow)
        for name, overrides, modes in TRACED
        for mode in modes
    ],
)
def test_a_forward_pass_is_one_graph(name: str, overrides: list[str], mode: str):
    estimator = build(name, overrides)
    batch = meta_batch(estimator)
    estimator.train(mode == "loss")
    for phase in range(estimator.phases if mode == "loss" else 1):
        if mode == "loss":
            estimator.begin_phase(phase, None)
        torch._dynamo.reset()
        torch.compile(estimator, fullgraph=True, backend="eager")(batch, mode)


def test_the_traced_models_have_every_part():
    parts = set()
    for name, overrides, _ in TRACED:
        parts |= {type(part).__name__ for part in build(name, overrides).modules()}
    for registry in (BACKBONES, NECKS, HEADS, ESTIMATORS):
        registry.import_from_location()
        ours = {n for n, p in registry.module_dict.items() if p.__module__.startswith("poseforge.")}
        assert ours <= parts
