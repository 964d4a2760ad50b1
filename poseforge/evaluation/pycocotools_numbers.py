"""COCO's own evaluation code, fed from arrays: no files, and nothing printed."""

import importlib.util
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.oks import areas_of, sigmas_of
from poseforge.evaluation.oks_matching import (
    MAX_DETECTIONS,
    detection_areas,
    order_of_images,
    rows_of_images,
)
from poseforge.structures import Detections, People, Skeleton
from poseforge.structures.affine import Floats

# Where a joint that is not predicted is put: so far away that it is similar to nothing.
FAR = 1e9


def pycocotools_numbers(detections: Detections, truth: People, skeleton: Skeleton) -> Floats:
    """Return the ten numbers of `pycocotools`, in percent; NaN where nobody is to be found."""
    indexing, evaluation = _silent("pycocotools.coco"), _silent("pycocotools.cocoeval")
    evaluator = evaluation.COCOeval(
        *(_indexed(indexing.COCO, dataset) for dataset in _datasets(detections, truth)), "keypoints"
    )
    evaluator.params.kpt_oks_sigmas = sigmas_of(skeleton)
    evaluator.params.maxDets = [MAX_DETECTIONS]
    evaluator.evaluate()
    evaluator.accumulate()
    evaluator.summarize()
    # COCO's code writes -1 where there is nothing to score.
    numbers: Floats = np.where(evaluator.stats < 0, np.nan, 100 * evaluator.stats)
    return numbers


def _silent(name: str) -> ModuleType:
    """Return a private copy of a module that prints nothing.

    It is a copy so that neither the process's output nor other users of the module are touched.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"{name} cannot be found; install pycocotools again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["print"] = lambda *_: None
    return module


def _indexed(kind: type[Any], dataset: dict[str, Any]) -> Any:
    index = kind()
    index.dataset = dataset
    index.createIndex()
    return index


def _datasets(detections: Detections, truth: People) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return people and detections in COCO's layout.

    Images are numbered in the order that breaks ties of scores; ids count from 1, because 0 means
    nobody to COCO's code.
    """
    number = np.argsort(order_of_images(truth)) + 1
    shared = {
        "images": [{"id": image} for image in range(1, len(number) + 1)],
        "categories": [{"id": 1, "name": "person"}],
    }
    people = _annotations(
        number[truth.image_rows],
        truth.keypoints,
        truth.visible,
        areas_of(truth),
        bbox=np.column_stack([truth.boxes[:, :2], truth.boxes[:, 2:] - truth.boxes[:, :2]]),
        iscrowd=truth.is_crowd.astype(np.int64),
        num_keypoints=np.count_nonzero(truth.visible > 0, axis=-1),
    )
    predicted = np.asarray(np.isfinite(detections.keypoints).all(axis=-1))  # (M, K)
    found = _annotations(
        number[rows_of_images(detections, truth)],
        np.where(predicted[..., None], detections.keypoints, FAR),
        predicted,
        detection_areas(detections.keypoints),
        score=detections.person_scores,
    )
    return {**shared, "annotations": people}, {**shared, "annotations": found}


def _annotations(
    images: NDArray[np.int64],
    keypoints: Floats,
    flags: NDArray[Any],
    areas: Floats,
    **columns: NDArray[Any],
) -> list[dict[str, Any]]:
    columns = {"image_id": images, "area": areas, **columns}
    triples = np.dstack([keypoints.astype(np.float64), flags])
    # They stay arrays, into which COCO's code turns lists again and again.
    triples = triples.reshape(len(keypoints), 3 * keypoints.shape[1])
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [
        {
            "id": number,
            "category_id": 1,
            "keypoints": triple,
            **dict(zip(columns, row, strict=True)),
        }
        for number, (triple, row) in enumerate(zip(triples, rows, strict=True), start=1)
    ]
