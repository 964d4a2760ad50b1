from dataclasses import replace

import numpy as np
import pycocotools.cocoeval
import pytest

from poseforge.evaluation.average_precision import OKSAP
from poseforge.evaluation.pycocotools_numbers import pycocotools_numbers
from poseforge.structures import SKELETONS
from tests.evaluation.coco_scenes import (
    annotations_of,
    perturbed,
    plain_pycocotools,
    random_people,
    results_of,
)

COCO17 = SKELETONS["coco17"]


@pytest.fixture
def scene():
    rng = np.random.default_rng(0)
    people = random_people(rng, 40, 17)
    return perturbed(people, rng), people, COCO17


def test_they_are_those_of_pycocotools_fed_by_files(scene):
    detections, people, skeleton = scene
    images = {name: int(name) for name in np.unique(people.image_names)}
    evaluator = plain_pycocotools(
        annotations_of(people, images), results_of(detections, images), skeleton.sigmas
    )
    expected = 100 * np.asarray(evaluator.stats)
    assert 5 < expected[0] < 95
    np.testing.assert_allclose(pycocotools_numbers(*scene), expected, atol=1e-9)


def test_sizes_that_nobody_has_are_nan(scene):
    detections, people, skeleton = scene
    medium = replace(people, areas=np.full(len(people), 50**2, dtype=np.float32))
    numbers = pycocotools_numbers(detections, medium, skeleton)
    assert np.flatnonzero(np.isnan(numbers)).tolist() == [4, 9]  # APl and ARl


def test_a_report_takes_them_and_keeps_the_rest(scene):
    ours = OKSAP().of_detections(*scene)
    theirs = OKSAP("pycocotools").of_detections(*scene)
    assert list(theirs.values.values()) == pycocotools_numbers(*scene).tolist()
    assert theirs.intervals == ours.intervals
    assert theirs.metric == ours.metric


def test_nothing_is_printed(capfd, scene):
    pycocotools_numbers(*scene)
    assert capfd.readouterr() == ("", "")
    assert not hasattr(pycocotools.cocoeval, "print")  # nobody else is silenced
