import time
from dataclasses import replace

import numpy as np
import pytest

from poseforge.evaluation.intervals import bootstrap
from poseforge.evaluation.oks_matching import match
from poseforge.evaluation.weighted_precision import NAMES, WeightedPrecision
from poseforge.structures import SKELETONS, Detections, People
from tests.evaluation.coco_scenes import (
    annotations_of,
    perturbed,
    plain_pycocotools,
    random_people,
    results_of,
)

COCO17 = SKELETONS["coco17"]


def statistic_of(detections, people):
    return WeightedPrecision(match(detections, people, COCO17))


def repeated(people, detections, weights):
    """Return a test set in which image i really is there weights[i] times, each copy named anew."""
    parts, found = [], []
    for name, count in zip(np.unique(people.image_names), weights, strict=True):
        for copy in range(int(count)):
            label = f"{int(name) * 10 + copy}"
            rows = people.image_names == name
            parts.append(replace(people[rows], image_ids=np.full(rows.sum(), label)))
            rows = detections.image_ids == name
            found.append((np.full(rows.sum(), label), rows))
    return People.concatenate(parts), Detections(
        np.concatenate([labels for labels, _ in found]),
        *(
            np.concatenate([array[rows] for _, rows in found])
            for array in (detections.keypoints, detections.scores, detections.person_scores)
        ),
    )


def test_weights_are_copies_of_images():
    rng = np.random.default_rng(0)
    people = random_people(rng, 25, 17)
    detections = perturbed(people, rng)
    statistic = statistic_of(detections, people)
    assert statistic.num_images == 25
    weights = rng.integers(0, 4, (4, 25)).astype(float)
    found = statistic(weights)
    assert found.shape == (4, len(NAMES))
    for row, counts in zip(found, weights, strict=True):
        more_people, more = repeated(people, detections, counts)
        images = {name: int(name) for name in np.unique(more_people.image_names)}
        evaluator = plain_pycocotools(
            annotations_of(more_people, images), results_of(more, images), COCO17.sigmas
        )
        np.testing.assert_allclose(row, 100 * np.asarray(evaluator.stats), atol=1e-9)
    assert found[:, 0].std() > 0.5


def test_weights_follow_the_order_of_image_rows():
    rng = np.random.default_rng(1)
    people = random_people(rng, 12, 17)  # "10" and "11" come before "2"
    detections = perturbed(people, rng)
    statistic = statistic_of(detections, people)
    for image in np.unique(people.image_rows):
        name = people.image_names[people.image_rows == image][0]
        here = detections.image_ids == name
        alone = Detections(
            detections.image_ids[here],
            detections.keypoints[here],
            detections.scores[here],
            detections.person_scores[here],
        )
        expected = statistic_of(alone, people[people.image_names == name])(np.ones((1, 1)))
        weights = np.eye(12)[[image]]
        np.testing.assert_allclose(statistic(weights), expected, atol=1e-9)


def test_only_proportions_matter():
    rng = np.random.default_rng(2)
    people = random_people(rng, 20, 17)
    statistic = statistic_of(perturbed(people, rng), people)
    weights = rng.integers(1, 4, (3, 20)).astype(float)
    np.testing.assert_allclose(statistic(weights), statistic(weights * 7), atol=1e-9)


def test_a_set_without_anyone_is_nan():
    rng = np.random.default_rng(3)
    people = random_people(rng, 10, 17)
    people = replace(people, crowd=people.image_names == "0")
    statistic = statistic_of(perturbed(people, rng), people)
    only_crowd, everyone = statistic(np.vstack([np.eye(10)[0], np.ones(10)]))
    assert np.isnan(only_crowd).all()
    assert np.isfinite(everyone).all()


@pytest.mark.slow
@pytest.mark.parametrize(("copies", "limit"), [(1, 20), (8, 60)])
def test_resampling_5000_images_is_quick(copies, limit):
    rng = np.random.default_rng(4)
    people = random_people(rng, 5000, 17)
    detections = perturbed(people, rng, copies=copies)
    start = time.perf_counter()
    statistic = statistic_of(detections, people)
    matched = time.perf_counter()
    assert bootstrap(statistic, rng).shape == (1000, 10)
    drawn = time.perf_counter()
    print(f"{len(detections)}: match {matched - start:.1f} s, draw {drawn - matched:.1f} s")
    assert drawn - start < limit
