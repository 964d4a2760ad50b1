"""MMPose's smallest RTMPose for COCO, 256 × 192, with random weights.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge.
"""

import warnings
from pathlib import Path

import mmpose
import mmpose.codecs
import mmpose.datasets.transforms
from mmengine.config import Config
from mmpose.apis import init_model
from torch import nn

CONFIG = "body_2d_keypoint/rtmpose/coco/rtmpose-t_8xb256-420e_coco-256x192.py"


def rtmpose_tiny() -> nn.Module:
    """Build the model on the CPU, as `inference_topdown` takes it."""
    config = Config.fromfile(Path(mmpose.__file__).parent / ".mim/configs" / CONFIG)
    # Its backbone is asked of mmdet, which is not installed; MMPose has the same one itself.
    config.model.backbone.pop("_scope_")
    config.model.backbone.pop("init_cfg", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of having no checkpoint, which is as it should be
        return init_model(config, device="cpu")
