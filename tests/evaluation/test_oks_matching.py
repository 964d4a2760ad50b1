from dataclasses import replace

import numpy as np
import pytest

from poseforge.evaluation.oks_matching import AREA_RANGES, match, order_of_images
from poseforge.structures import SKELETONS, People
from tests.evaluation.coco_scenes import (
    annotations_of,
    perturbed,
    plain_pycocotools,
    random_people,
    results_of,
)

COCO17 = SKELETONS["coco17"]


@pytest.mark.parametrize("seed", range(8))
def test_every_match_is_that_of_pycocotools(seed):
    rng = np.random.default_rng(seed)
    people = random_people(rng, 12, 17)
    if seed % 2:  # everybody twice, so that two people are always equally similar
        twins = replace(people, crowd=rng.random(len(people)) < 0.3, areas=people.areas)
        people = People.concatenate([people, twins])
    detections = perturbed(people, rng, copies=2)
    found = match(detections, people, COCO17)

    images = {name: int(name) for name in np.unique(people.image_names)}
    evaluator = plain_pycocotools(
        annotations_of(people, images), results_of(detections, images), COCO17.sigmas
    )
    names = np.unique(people.image_names)
    scores = np.sort(detections.person_scores)[::-1]
    for area in range(len(AREA_RANGES)):
        expected = [e for e in evaluator.evalImgs if e["aRng"] == evaluator.params.areaRng[area]]
        true, counted = {}, {}
        for image in expected:
            matched, ignored = image["dtMatches"] > 0, image["dtIgnore"].astype(bool)
            for column, score in enumerate(image["dtScores"]):
                true[score] = (matched & ~ignored)[:, column]
                counted[score] = ~ignored[:, column]
            row = int(np.flatnonzero(names == str(image["image_id"]))[0])
            assert found.people[area, row] == (image["gtIgnore"] == 0).sum()
        kept = [score for score in scores.tolist() if score in true]
        assert found.true.shape[-1] == len(kept)
        np.testing.assert_array_equal(found.true[area], np.array([true[s] for s in kept]).T)
        np.testing.assert_array_equal(found.counted[area], np.array([counted[s] for s in kept]).T)
    assert found.true.any()
    assert (found.true.any(axis=1) & ~found.true.all(axis=1)).any()


def named(names):
    people = random_people(np.random.default_rng(0), 1, 17)[:1]
    return People.concatenate([replace(people, image_ids=np.array([name])) for name in names])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["10", "9", "100"], ["9", "10", "100"]),
        (["000010", "9"], ["9", "000010"]),
        (["9" * 30, "1" + "0" * 30], ["9" * 30, "1" + "0" * 30]),
        (["b10", "b9"], ["b10", "b9"]),
    ],
)
def test_ties_are_broken_by_number_where_names_are_numbers(names, expected):
    people = named(names)
    assert np.unique(people.image_names)[order_of_images(people)].tolist() == expected
