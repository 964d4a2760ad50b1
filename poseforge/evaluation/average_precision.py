"""Average precision and recall by object keypoint similarity, COCO's measure of poses.

Lin et al., "Microsoft COCO", ECCV 2014; https://cocodataset.org/#keypoints-eval.
"""

import numpy as np

from poseforge.evaluation.base import DetectionMetric, Report
from poseforge.evaluation.intervals import numbers_with_intervals
from poseforge.evaluation.oks import SEGMENT_OF_BOX, sigmas_of
from poseforge.evaluation.oks_matching import (
    MAX_DETECTIONS,
    THRESHOLDS,
    match,
    rows_of_images,
)
from poseforge.evaluation.pycocotools_numbers import pycocotools_numbers
from poseforge.evaluation.weighted_precision import NAMES, WeightedPrecision
from poseforge.registry import METRICS
from poseforge.structures import Detections, People, Skeleton
from poseforge.structures.boxes import sides_of

BACKENDS = ("poseforge", "pycocotools")
VERSION = "v1"
COLUMNS = ("AP", "AP50", "AP75", "APm", "APl", "AR")


@METRICS.register_module()
class OKSAP(DetectionMetric):
    """COCO's ten keypoint numbers, in percent, with an interval each.

    A number is NaN where nobody of its kind is to be found, which COCO's code writes as -1.

    Args:
        backend: Whose code computes the numbers: "poseforge", all images at once, or
            "pycocotools", the reference, one by one: the same numbers, which is why the metric's
            specification does not name it, but much later. Intervals are always by "poseforge".

    Raises:
        ValueError: The backend is not known.
    """

    def __init__(self, backend: str = "poseforge") -> None:
        if backend not in BACKENDS:
            raise ValueError(f"backend='{backend}' is not known; choose {', '.join(BACKENDS)}")
        self.backend = backend

    def of_detections(self, detections: Detections, truth: People, skeleton: Skeleton) -> Report:
        statistic = self.statistic_of_detections(detections, truth, skeleton)
        found = numbers_with_intervals(statistic)
        values = {name: number for name, (number, _) in found.items()}
        if self.backend == "pycocotools":
            reference = pycocotools_numbers(detections, truth, skeleton)
            values = dict(zip(NAMES, reference.tolist(), strict=True))
        return Report(
            metric=self._specification(truth, skeleton),
            values=values,
            columns={title: values[title] for title in COLUMNS},
            people=int(np.count_nonzero(truth.to_find)),
            intervals={name: interval for name, (_, interval) in found.items()},
            notes=_notes(detections, truth),
        )

    def statistic_of_detections(
        self, detections: Detections, truth: People, skeleton: Skeleton
    ) -> WeightedPrecision:
        _check(detections, truth, skeleton)
        return WeightedPrecision(match(detections, truth, skeleton))

    def _specification(self, truth: People, skeleton: Skeleton) -> str:
        low, high = THRESHOLDS[[0, -1]]
        step = THRESHOLDS[1] - THRESHOLDS[0]
        area = "segment" if len(truth.areas) else f"{SEGMENT_OF_BOX:g} box"
        return (
            f"OKS-AP[OKS {low:.2f}:{step:.2f}:{high:.2f}, area={area}, sigmas={skeleton.name}, "
            f"{MAX_DETECTIONS} detections an image, micro, {VERSION}]"
        )


def _check(detections: Detections, truth: People, skeleton: Skeleton) -> None:
    expected = (skeleton.num_keypoints, 2)
    if detections.keypoints.shape[1:] != expected or truth.keypoints.shape[1:] != expected:
        raise ValueError(
            f"detections {detections.keypoints.shape} and truth {truth.keypoints.shape} do not fit "
            f"skeleton '{skeleton.name}', which has {skeleton.num_keypoints} keypoints; give both "
            "with as many"
        )
    sigmas_of(skeleton)
    if not truth.to_find.any():
        raise ValueError(
            f"none of {len(truth)} people is to be found: all are crowds or have no labelled "
            "keypoint; give other people"
        )


def _notes(detections: Detections, truth: People) -> tuple[str, ...]:
    crowd = truth.is_crowd
    # Somebody without extent only stands for an image without people.
    somebody = sides_of(truth.boxes).any(axis=-1)
    unlabelled = ~truth.to_find & ~crowd & somebody
    images = rows_of_images(detections, truth)
    surplus = (np.bincount(images, minlength=1) - MAX_DETECTIONS).clip(min=0).sum()
    of_all = f"of {somebody.sum()} people not searched for"
    reasons = {
        f"{crowd.sum()} {of_all}: they are crowds": crowd.any(),
        f"{unlabelled.sum()} {of_all}: they have no labelled keypoint": unlabelled.any(),
        f"{surplus} of {len(detections)} detections not scored: their images have "
        f"{MAX_DETECTIONS} better ones": surplus > 0,
    }
    return tuple(note for note, holds in reasons.items() if holds)
