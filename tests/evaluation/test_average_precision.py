from dataclasses import replace

import numpy as np
import pytest

from poseforge.evaluation.average_precision import BACKENDS, OKSAP
from poseforge.evaluation.weighted_precision import NAMES
from poseforge.structures import SKELETONS, Detections, Skeleton
from tests.evaluation.coco_scenes import (
    annotations_of,
    load_coco_mini,
    perturbed,
    plain_pycocotools,
    random_people,
    results_of,
)

COCO17 = SKELETONS["coco17"]
WORM = Skeleton("worm", ("head", "middle", "tail"), sigmas=(0.05, 0.1, 0.02))


def values_of(report):
    return np.array(list(report.values.values()))


def check(skeleton, people, detections, expected):
    """Both backends give these numbers."""
    for backend in BACKENDS:
        report = OKSAP(backend).of_detections(detections, people, skeleton)
        assert tuple(report.values) == NAMES
        np.testing.assert_allclose(values_of(report), expected, atol=1e-9, rtol=0)


@pytest.fixture(params=[(COCO17, 0), (COCO17, 1), (WORM, 2)], ids=["coco", "coco2", "worm"])
def scene(request):
    skeleton, seed = request.param
    rng = np.random.default_rng(seed)
    people = random_people(rng, 40, skeleton.num_keypoints)
    return skeleton, people, perturbed(people, rng)


def by_hand(skeleton, people, detections):
    images = {name: int(name) for name in np.unique(people.image_names)}
    evaluator = plain_pycocotools(
        annotations_of(people, images), results_of(detections, images), skeleton.sigmas
    )
    return 100 * np.asarray(evaluator.stats)


def test_equals_pycocotools_run_by_hand(scene):
    skeleton, people, detections = scene
    expected = by_hand(skeleton, people, detections)
    assert 5 < expected[0] < 95
    check(skeleton, people, detections, expected)


def test_equals_pycocotools_on_coco(data_root):
    content, people = load_coco_mini(data_root)
    assert people.crowd.sum() == 5
    detections = perturbed(people, np.random.default_rng(0), copies=3, noise=0.05)
    images = {str(image["id"]): image["id"] for image in content["images"]}
    evaluator = plain_pycocotools(content, results_of(detections, images), COCO17.sigmas)
    expected = 100 * np.asarray(evaluator.stats)
    assert 5 < expected[0] < 95
    check(COCO17, people, detections, expected)


def test_tied_scores_are_ordered_as_pycocotools_orders_them():
    rng = np.random.default_rng(3)
    people = random_people(rng, 120, 17)  # names of one, two and three digits
    detections = perturbed(people, rng)
    detections = replace(detections, person_scores=detections.person_scores.round(1))
    expected = by_hand(COCO17, people, detections)
    check(COCO17, people, detections, expected)


def test_only_the_best_twenty_of_an_image_count():
    rng = np.random.default_rng(4)
    people = random_people(rng, 4, 17)
    detections = perturbed(people, rng, copies=15)
    expected = by_hand(COCO17, people, detections)
    check(COCO17, people, detections, expected)
    surplus = len(detections) - sum(
        min(20, int((detections.image_ids == name).sum())) for name in "0123"
    )
    assert surplus > 0
    notes = OKSAP().of_detections(detections, people, COCO17).notes
    assert any(note.startswith(f"{surplus} of {len(detections)}") for note in notes)


def test_joints_that_are_not_predicted_are_misses():
    rng = np.random.default_rng(5)
    people = random_people(rng, 40, 17)
    detections = perturbed(people, rng, copies=1, noise=0.01)
    whole = OKSAP().of_detections(detections, people, COCO17)
    keypoints = detections.keypoints.copy()
    keypoints[rng.random(keypoints.shape[:2]) < 0.3] = np.nan
    torn = replace(detections, keypoints=keypoints)
    report = OKSAP().of_detections(torn, people, COCO17)
    assert report.values["AP"] < whole.values["AP"] - 5
    reference = OKSAP("pycocotools").of_detections(torn, people, COCO17)
    np.testing.assert_allclose(values_of(report), values_of(reference), atol=1e-9, rtol=0)


def test_report(scene):
    skeleton, people, detections = scene
    report = OKSAP().of_detections(detections, people, skeleton)
    assert report.metric == (
        f"OKS-AP[OKS 0.50:0.05:0.95, area=segment, sigmas={skeleton.name}, "
        "20 detections an image, micro, v1]"
    )
    assert list(report.columns) == ["AP", "AP50", "AP75", "APm", "APl", "AR"]
    labelled = (people.visible > 0).any(axis=1)
    assert report.people == (labelled & ~people.crowd).sum()
    assert report.higher_is_better
    assert report.joints == {}
    for name, (low, high) in report.intervals.items():
        assert low < report.values[name] < high
    crowds, unlabelled = people.crowd.sum(), (~labelled & ~people.crowd).sum()
    assert report.notes == (
        f"{crowds} of {len(people)} people not searched for: they are crowds",
        f"{unlabelled} of {len(people)} people not searched for: they have no labelled keypoint",
    )


def test_perfect_poses_score_100_and_misses_0():
    people = random_people(np.random.default_rng(6), 20, 17)
    people = people[(people.visible > 0).any(axis=1) & ~people.crowd]
    scores = np.ones(people.visible.shape)
    perfect = OKSAP()(people.keypoints, scores, people, COCO17)
    np.testing.assert_allclose(values_of(perfect), 100)
    nothing = OKSAP()(np.full_like(people.keypoints, np.nan), scores, people, COCO17)
    np.testing.assert_allclose(values_of(nothing), 0)


def test_sizes_that_nobody_has_are_nan():
    people = random_people(np.random.default_rng(7), 10, 17)
    people = replace(people, areas=np.full(len(people), 50**2, dtype=np.float32))
    report = OKSAP()(people.keypoints, np.ones(people.visible.shape), people, COCO17)
    assert np.isnan([report.values["APl"], report.values["ARl"]]).all()
    assert np.isnan(report.intervals["APl"]).all()
    assert report.values["APm"] > 0


def test_boxes_stand_in_for_segments():
    rng = np.random.default_rng(8)
    people = random_people(rng, 20, 17)
    detections = perturbed(people, rng)
    sides = people.boxes[:, 2:].astype(float) - people.boxes[:, :2]
    explicit = replace(people, areas=(0.53 * sides.prod(axis=1)).astype(np.float32))
    expected = OKSAP().of_detections(detections, explicit, COCO17)
    report = OKSAP().of_detections(detections, replace(people, areas=np.empty(0)), COCO17)
    assert report.values == pytest.approx(expected.values)
    assert "area=0.53 box" in report.metric


def test_inputs_are_not_changed(scene):
    skeleton, people, detections = scene
    before = people.keypoints.copy(), detections.keypoints.copy(), people.areas.copy()
    OKSAP().of_detections(detections, people, skeleton)
    after = people.keypoints, detections.keypoints, people.areas
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_bad_input():
    rng = np.random.default_rng(9)
    people = random_people(rng, 5, 17)
    detections = perturbed(people, rng)
    elsewhere = replace(detections, image_ids=np.where(detections.image_ids == "0", "x", "1"))
    with pytest.raises(ValueError, match=r"such as 'x'"):
        OKSAP().of_detections(elsewhere, people, COCO17)
    with pytest.raises(ValueError, match="poseforge data sigmas"):
        OKSAP().of_detections(detections, people, replace(COCO17, sigmas=()))
    areas = people.areas.copy()
    areas[:2] = np.nan
    with pytest.raises(ValueError, match=f"2 of {len(people)} people have no area"):
        OKSAP().of_detections(detections, replace(people, areas=areas), COCO17)
    with pytest.raises(ValueError, match="do not fit skeleton 'worm'"):
        OKSAP().of_detections(detections, people, WORM)
    with pytest.raises(ValueError, match="is to be found"):
        OKSAP().of_detections(detections, replace(people, crowd=people.areas > 0), COCO17)
    with pytest.raises(ValueError, match="choose poseforge, pycocotools"):
        OKSAP("hot")


def test_no_detection_at_all():
    people = random_people(np.random.default_rng(10), 5, 17)
    nobody = Detections(
        np.empty(0, dtype=str), np.empty((0, 17, 2)), np.empty((0, 17)), np.empty(0)
    )
    assert OKSAP().of_detections(nobody, people, COCO17).values["AP"] == 0
