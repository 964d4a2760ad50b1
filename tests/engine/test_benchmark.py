from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from poseforge.engine import benchmark as benchmarks
from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.engine.config import RunConfig
from poseforge.models.build import build_estimator


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_model_is_tested_in_the_layout_that_it_is_trained_in(
    make_config: Callable[..., RunConfig],
    console: Console,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    channels_last: bool,
):
    config = make_config(f"train_cfg.channels_last={channels_last}")
    estimator = build_estimator(config.model)
    path = tmp_path / "weights.pth"
    state = {**describe(estimator, config), "state_dict": estimator.state_dict(), "meta": {}}
    write_checkpoint(state, path)
    layouts = []
    predict = benchmarks.predict_dataset

    def watched(estimator, *arguments, **options):
        weight = estimator.head.blocks[0][0].weight
        layouts.append(weight.is_contiguous(memory_format=torch.channels_last))
        return predict(estimator, *arguments, **options)

    monkeypatch.setattr(benchmarks, "predict_dataset", watched)
    assert benchmarks.benchmark(config, path, console) is not None
    assert layouts == [channels_last]
