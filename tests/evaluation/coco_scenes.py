"""People and detections to score, and pycocotools run on them through its public functions."""

import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from poseforge.structures import Detections, People


def random_people(rng: np.random.Generator, images: int, num_keypoints: int) -> People:
    """Draw up to five people an image, of all sizes: some crowds, some without a label."""
    image_ids = np.repeat(np.arange(images), rng.integers(1, 6, images)).astype(str)
    count = len(image_ids)
    sides = rng.uniform(10, 300, (count, 1))
    corners = rng.uniform(0, 100, (count, 2))
    keypoints = corners[:, None] + rng.uniform(0, 1, (count, num_keypoints, 2)) * sides[:, None]
    visible = rng.integers(0, 3, (count, num_keypoints))
    visible[rng.random(count) < 0.15] = 0
    return People(
        image_paths=np.array([], dtype=str),
        keypoints=np.where(visible[..., None] > 0, keypoints, 0).astype(np.float32),
        visible=visible.astype(np.float32),
        boxes=np.hstack([corners, corners + sides]).astype(np.float32),
        ids=np.array([f"p{row}" for row in range(count)]),
        image_ids=image_ids,
        areas=(sides[:, 0] ** 2 * rng.uniform(0.3, 0.9, count)).astype(np.float32),
        crowd=rng.random(count) < 0.1,
    )


def perturbed(
    people: People, rng: np.random.Generator, *, copies: int = 2, noise: float = 0.04
) -> Detections:
    """Return several detections a person: some exact, most near, some anywhere. No score twice."""
    rows = rng.permutation(np.tile(np.arange(len(people)), copies))
    scale = np.sqrt(people.areas[rows])[:, None, None]
    spread = noise * rng.choice([0.0, 0.5, 1, 2, 30], len(rows), p=[0.1, 0.3, 0.3, 0.2, 0.1])
    keypoints = people.keypoints[rows] + spread[:, None, None] * scale * rng.normal(
        size=(len(rows), people.keypoints.shape[1], 2)
    )
    unlabelled = people.visible[rows] == 0
    inside = people.boxes[rows, None, :2] + rng.random((*unlabelled.shape, 2)) * scale
    keypoints = np.where(unlabelled[..., None], inside, keypoints).astype(np.float32)
    scores = (rng.permutation(len(rows)) + 1) / (len(rows) + 1)
    return Detections(
        people.image_names[rows],
        keypoints,
        np.ones(unlabelled.shape, dtype=np.float32),
        scores.astype(np.float32),
    )


def annotations_of(people: People, images: dict[str, int]) -> dict:
    rows = []
    for row in range(len(people)):
        x1, y1, x2, y2 = people.boxes[row].tolist()
        triples = [
            [*point, int(flag)]
            for point, flag in zip(
                people.keypoints[row].tolist(), people.visible[row].tolist(), strict=True
            )
        ]
        rows.append(
            {
                "id": row + 1,
                "image_id": images[people.image_names[row]],
                "category_id": 1,
                "keypoints": [number for triple in triples for number in triple],
                "num_keypoints": sum(triple[2] > 0 for triple in triples),
                "area": float(people.areas[row]),
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "iscrowd": int(people.crowd[row]),
            }
        )
    return {
        "images": [{"id": image} for image in sorted(images.values())],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": rows,
    }


def results_of(detections: Detections, images: dict[str, int]) -> list[dict]:
    return [
        {
            "image_id": images[image],
            "category_id": 1,
            "keypoints": [number for x, y in pose for number in (x, y, 1)],
            "score": score,
        }
        for image, pose, score in zip(
            detections.image_ids,
            detections.keypoints.tolist(),
            detections.person_scores.tolist(),
            strict=True,
        )
    ]


def plain_pycocotools(annotations: dict, results: list[dict], sigmas: np.ndarray) -> COCOeval:
    truth = COCO()
    truth.dataset = annotations
    truth.createIndex()
    evaluator = COCOeval(truth, truth.loadRes(results), "keypoints")
    evaluator.params.kpt_oks_sigmas = np.asarray(sigmas)
    evaluator.evaluate()
    evaluator.accumulate()
    evaluator.summarize()
    return evaluator


def load_coco_mini(root: Path, dtype: type = np.float32) -> tuple[dict, People]:
    """Return the file as it is, and its people."""
    path = root / "coco_mini" / "annotations" / "person_keypoints_train2017.json"
    content = json.loads(path.read_text())
    rows = content["annotations"]
    triples = np.array([row["keypoints"] for row in rows], dtype=float).reshape(-1, 17, 3)
    corners, sides = np.split(np.array([row["bbox"] for row in rows]), 2, axis=1)
    people = People(
        image_paths=np.array([], dtype=str),
        keypoints=triples[..., :2].astype(dtype),
        visible=triples[..., 2].astype(dtype),
        boxes=np.hstack([corners, corners + sides]).astype(dtype),
        ids=np.array([str(row["id"]) for row in rows]),
        image_ids=np.array([str(row["image_id"]) for row in rows]),
        areas=np.array([row["area"] for row in rows]).astype(dtype),
        crowd=np.array([row["iscrowd"] for row in rows]) > 0,
    )
    return content, people
