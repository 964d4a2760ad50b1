"""MMPose's ResNet-50 for COCO, 256 × 192, with random weights.

It is run by the Python of an environment that has MMPose, and imports nothing of PoseForge. As a
program it predicts one person, which shows that MMPose works there.
"""

import warnings
from pathlib import Path

import mmpose
import mmpose.codecs
import mmpose.datasets.transforms
import numpy as np
from mmpose.apis import inference_topdown, init_model
from torch import nn

CONFIG = "body_2d_keypoint/topdown_heatmap/coco/td-hm_res50_8xb64-210e_coco-256x192.py"


def resnet50() -> nn.Module:
    """Build the model on the CPU, as `inference_topdown` takes it."""
    config = Path(mmpose.__file__).parent / ".mim/configs" / CONFIG
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of having no checkpoint, which is as it should be
        # Its pretrained backbone would be downloaded.
        return init_model(str(config), device="cpu", cfg_options={"model.backbone.init_cfg": None})


if __name__ == "__main__":
    image = np.zeros((256, 192, 3), dtype=np.uint8)
    (person,) = inference_topdown(resnet50(), image, [[0, 0, 191, 255]])
    print(f"MMPose {mmpose.__version__} predicts {person.pred_instances.keypoints.shape[1]} points")
