import argparse

import pytest

from poseforge.cli import train
from poseforge.cli.arguments import overrides


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        (["--compile"], ["train_cfg.compile='default'"]),
        (["--compile", "reduce-overhead"], ["train_cfg.compile='reduce-overhead'"]),
        (["--amp"], ["optim_wrapper.amp='bf16'"]),
        (["--amp", "fp16", "--seed", "3"], ["seed=3", "optim_wrapper.amp='fp16'"]),
    ],
)
def test_switches_are_overrides_of_settings(given: list[str], expected: list[str]):
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    assert overrides(parser.parse_args(["config.py", *given])) == expected
