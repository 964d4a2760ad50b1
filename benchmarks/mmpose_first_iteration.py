"""What MMPose's `tools/train.py` is given, so that it ends when its first iteration is done.

The config that imports this module is run by the Python of an environment that has MMPose.
"""

import os
from pathlib import Path
from typing import Any

from mmengine.hooks import Hook
from mmengine.registry import HOOKS

# The smallest of MMPose's networks on pictures as small as the quickstart's, in batches as large.
CONFIG = """\
_base_ = ["{base}"]
codec = dict(type="MSRAHeatmap", input_size=(96, 96), heatmap_size=(24, 24), sigma=2)
model = dict(backbone=dict(depth=18, init_cfg=None), head=dict(in_channels=512, decoder=codec))
train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        data_root="",
        ann_file="{annotations}",
        data_prefix=dict(img="{images}"),
        pipeline=[
            dict(type="LoadImage"),
            dict(type="GetBBoxCenterScale"),
            dict(type="RandomFlip", direction="horizontal"),
            dict(type="RandomHalfBody"),
            dict(type="RandomBBoxTransform"),
            dict(type="TopdownAffine", input_size=codec["input_size"]),
            dict(type="GenerateTarget", encoder=codec),
            dict(type="PackPoseInputs"),
        ],
    ),
)
val_cfg = val_dataloader = val_evaluator = None
test_cfg = test_dataloader = test_evaluator = None
custom_imports = dict(imports=["benchmarks.mmpose_first_iteration"])
custom_hooks = [dict(type="EndAfterFirstIteration", priority="LOWEST")]
"""
BASE = ".mim/configs/body_2d_keypoint/topdown_heatmap/coco/td-hm_res50_8xb64-210e_coco-256x192.py"
TRAIN = ".mim/tools/train.py"


@HOOKS.register_module()
class EndAfterFirstIteration(Hook):
    """End the process, with status 0, behind all other hooks."""

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        os._exit(0)


def write_config(package: Path, data: dict[str, str], path: Path) -> list[str]:
    """Write the config of a training to its first iteration; return the arguments of Python.

    Args:
        package: Where MMPose is installed.
        data: The `annotations` and `images` of people.
        path: The config's file.
    """
    path.write_text(CONFIG.format(base=package / BASE, **data), encoding="utf-8")
    return [str(package / TRAIN), str(path), "--work-dir", str(path.parent / "mmpose_run")]
