"""COCO's average precision as MMPose computes it: data samples and annotations to ten numbers.

Its own suppression of similar poses is off, for PoseForge's metric has none: it scores what it is
given. Nothing here is of PoseForge.
"""

import json
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmpose.evaluation.metrics import CocoMetric

from benchmarks.made_up_people import Arrays

Row = dict[str, Any]


@dataclass(frozen=True)
class CocoScene:
    """People as MMPose has read them, and predictions as its models hand them over.

    Attributes:
        metric: It has the annotations.
        samples: A person each, as of top-down models.
    """

    metric: CocoMetric
    samples: list[Row]


def read_coco_scene(path: Path) -> CocoScene:
    """Read arrays as `made_up` makes them; the annotations are written beside them for MMPose."""
    with np.load(path) as file:
        arrays = dict(file)
    annotations = path.with_suffix(".json")
    annotations.write_text(json.dumps(_annotations(arrays)))
    with redirect_stdout(sys.stderr):  # it tells that it reads
        metric = CocoMetric(str(annotations), nms_mode="none")
    # Without sigmas it takes COCO's.
    metric.dataset_meta = {"dataset_name": "coco", "num_keypoints": 17, "sigmas": None}
    return CocoScene(metric, _samples(arrays))


def average_precision(scene: CocoScene) -> list[float]:
    """Return the ten numbers in percent."""
    scene.metric.results = []
    scene.metric.process([], scene.samples)
    found = scene.metric.compute_metrics(scene.metric.results)
    return [100 * number for number in found.values()]


def _annotations(arrays: Arrays) -> dict[str, list[Row]]:
    images = arrays["image_ids"].astype(int)
    triples = np.dstack([arrays["keypoints"], arrays["visible"]])
    corners, ends = np.split(arrays["boxes"], 2, axis=1)
    columns = {
        "id": np.arange(1, len(images) + 1),
        "image_id": images,
        "keypoints": triples.reshape(len(images), -1),
        "bbox": np.hstack([corners, ends - corners]),
        "area": arrays["areas"],
        "num_keypoints": np.count_nonzero(arrays["visible"], axis=1),
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    shared = {"category_id": 1, "iscrowd": 0}
    return {
        "images": [{"id": image} for image in np.unique(images).tolist()],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [{**shared, **dict(zip(columns, row, strict=True))} for row in rows],
    }


def _samples(arrays: Arrays) -> list[Row]:
    images = arrays["image_ids"].astype(int).tolist()
    people = zip(images, arrays["predicted"], arrays["scores"], strict=True)
    return [
        {
            "id": row,
            "img_id": image,
            "pred_instances": {"keypoints": keypoints[None], "keypoint_scores": scores[None]},
            "gt_instances": {"bbox_scores": np.ones(1, dtype=np.float32)},
        }
        for row, (image, keypoints, scores) in enumerate(people)
    ]
