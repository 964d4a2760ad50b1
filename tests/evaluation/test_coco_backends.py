import importlib.util
import sys

import numpy as np
import pycocotools.cocoeval
import pytest

from poseforge.evaluation.average_precision import OKSAP
from poseforge.evaluation.coco_backends import BACKENDS, faster_coco_eval_numbers
from poseforge.structures import SKELETONS, Skeleton
from tests.evaluation.coco_scenes import load_coco_mini, perturbed, random_people

COCO17 = SKELETONS["coco17"]
WORM = Skeleton("worm", ("head", "middle", "tail"), sigmas=(0.05, 0.1, 0.02))

needs_faster = pytest.mark.skipif(
    importlib.util.find_spec("faster_coco_eval") is None, reason="needs faster-coco-eval"
)


@pytest.fixture(params=[COCO17, WORM], ids=["coco", "worm"])
def scene(request):
    rng = np.random.default_rng(0)
    people = random_people(rng, 40, request.param.num_keypoints)
    return perturbed(people, rng), people, request.param


@needs_faster
def test_both_give_the_same_numbers(scene):
    numbers = BACKENDS["pycocotools"](*scene)
    assert 0.05 < numbers[0] < 0.95
    np.testing.assert_allclose(BACKENDS["faster-coco-eval"](*scene), numbers, atol=1e-11)


@needs_faster
def test_both_give_the_same_numbers_on_coco(data_root):
    people = load_coco_mini(data_root)[1]
    detections = perturbed(people, np.random.default_rng(0), copies=3, noise=0.05)
    numbers = BACKENDS["pycocotools"](detections, people, COCO17)
    faster = BACKENDS["faster-coco-eval"](detections, people, COCO17)
    np.testing.assert_allclose(faster, numbers, atol=1e-11)


@needs_faster
def test_only_the_name_changes_with_the_backend(scene):
    reference, faster = (
        OKSAP().of_detections(*scene),
        OKSAP("faster-coco-eval").of_detections(*scene),
    )
    assert faster.values == pytest.approx(reference.values, abs=1e-9)
    assert faster.intervals == reference.intervals
    assert faster.metric == reference.metric.replace("pycocotools", "faster-coco-eval")


@pytest.mark.parametrize(
    "backend", ["pycocotools", pytest.param("faster-coco-eval", marks=needs_faster)]
)
def test_nothing_is_printed(capfd, backend, scene):
    BACKENDS[backend](*scene)
    assert capfd.readouterr() == ("", "")
    assert not hasattr(pycocotools.cocoeval, "print")  # nobody else is silenced


def test_a_missing_backend_is_named(monkeypatch, scene):
    monkeypatch.setitem(sys.modules, "faster_coco_eval", None)
    with pytest.raises(ValueError, match=r"pip install poseforge\[eval\]"):
        faster_coco_eval_numbers(*scene)
