from dataclasses import replace

import numpy as np
import pytest

from poseforge.evaluation.oks import areas_of, oks, oks_distances, sigmas_of
from poseforge.structures import SKELETONS
from tests.evaluation.coco_scenes import (
    load_coco_mini,
    perturbed,
    plain_pycocotools,
    random_people,
    results_of,
)

COCO17 = SKELETONS["coco17"]


def one_by_one(pose, truth, visible, area, box, sigmas):
    """The definition, joint by joint, in plain Python."""
    labelled = [k for k in range(len(sigmas)) if visible[k] > 0]
    x1, y1, x2, y2 = (float(number) for number in box)
    low, high = (x1 - (x2 - x1), y1 - (y2 - y1)), (x2 + (x2 - x1), y2 + (y2 - y1))
    similarities = []
    for k in labelled or range(len(sigmas)):
        if np.isnan(pose[k]).any():
            similarities.append(0.0)
            continue
        squared = 0.0
        for axis in (0, 1):
            at = float(pose[k, axis])
            if labelled:
                squared += (at - float(truth[k, axis])) ** 2
            else:
                squared += max(0.0, low[axis] - at, at - high[axis]) ** 2
        similarities.append(np.exp(-squared / (2 * float(area) * (2 * sigmas[k]) ** 2)))
    return np.mean(similarities)


@pytest.fixture
def people():
    return random_people(np.random.default_rng(0), 6, 17)


@pytest.fixture
def poses(people):
    keypoints = perturbed(people, np.random.default_rng(1)).keypoints.copy()
    keypoints[::5, 3] = np.nan
    keypoints[1, 2, 0] = np.nan
    return keypoints


def similarity(poses, people):
    return oks(
        poses, people.keypoints, people.visible, people.areas, people.boxes, sigmas_of(COCO17)
    )


def test_is_the_definition(people, poses):
    unlabelled = ~(people.visible > 0).any(axis=1)
    assert unlabelled.any()
    found = similarity(poses, people)
    expected = [
        [
            one_by_one(
                pose,
                people.keypoints[row],
                people.visible[row],
                people.areas[row],
                people.boxes[row],
                COCO17.sigmas,
            )
            for row in range(len(people))
        ]
        for pose in poses
    ]
    assert found.max() > 0.9
    assert ((found[:, unlabelled] > 0.05) & (found[:, unlabelled] < 0.95)).any()
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_equals_pycocotools_on_coco(data_root):
    content, people = load_coco_mini(data_root, dtype=np.float64)
    detections = perturbed(people, np.random.default_rng(0), copies=1)
    images = {str(image["id"]): image["id"] for image in content["images"]}
    evaluator = plain_pycocotools(content, results_of(detections, images), COCO17.sigmas)
    compared = 0
    for name, image in images.items():
        poses = detections.image_ids == name
        ranked = np.argsort(-detections.person_scores[poses], kind="stable")[:20]
        found = similarity(detections.keypoints[poses][ranked], people[people.image_ids == name])
        expected = np.reshape(evaluator.ious[image, 1], found.shape)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
        compared += expected.size
    assert compared > 500


def test_distances_of_a_similarity():
    areas, sigmas = np.array([100.0, 2500.0]), np.array([0.05, 0.1])
    distances = oks_distances(0.85, areas, sigmas)
    assert distances.shape == (2, 2)
    for row, area in enumerate(areas):
        pose = np.zeros((1, 2, 2))
        pose[0, :, 0] = distances[row]
        args = np.zeros((1, 2, 2)), np.ones((1, 2)), np.array([area]), np.zeros((1, 4)), sigmas
        assert oks(pose, *args) == pytest.approx(0.85)


def test_nobody(people, poses):
    assert similarity(poses[:0], people).shape == (0, len(people))
    assert similarity(poses, people[:0]).shape == (len(poses), 0)


def test_areas(people):
    np.testing.assert_array_equal(areas_of(people), people.areas)
    boxes = np.array([[10, 20, 20, 40]], dtype=np.float32)
    boxed = replace(people[:1], boxes=boxes, areas=np.empty(0))
    np.testing.assert_allclose(areas_of(boxed), [0.53 * 10 * 20])
    with pytest.raises(ValueError, match="1 of 2 people have no area"):
        areas_of(replace(people[:2], areas=np.array([3, np.nan], dtype=np.float32)))


@pytest.mark.parametrize("sigmas", [(), (0.0,) * 17])
def test_sigmas_must_be_there(sigmas):
    with pytest.raises(ValueError, match="poseforge data sigmas"):
        sigmas_of(replace(COCO17, sigmas=sigmas))
