from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from poseforge.evaluation import mean_pose, paste
from poseforge.evaluation.joining import check_detections, check_scale, join
from poseforge.structures import Detections, People, Predictions
from poseforge.structures.boxes import box_of_points

RNG = np.random.default_rng(0)


def poses(count, num_keypoints=14):
    """Random people: a common shape, bent, turned, and of sizes from 40 to 400 px."""
    rng = np.random.default_rng(1)
    upright = rng.normal(size=(num_keypoints, 2)) * [0.3, 1]
    bent = upright + rng.normal(scale=0.3, size=(count, num_keypoints, 2))
    angles = rng.normal(scale=0.7, size=count)
    turns = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]])
    sizes = np.exp(rng.uniform(np.log(10), np.log(100), (count, 1, 1)))
    turned = np.einsum("ijn,nkj->nki", turns, bent)
    return (turned * sizes + rng.uniform(100, 600, (count, 1, 2))).astype(np.float32)


def people(keypoints, visible=None, **columns):
    count = len(keypoints)
    visible = np.full(keypoints.shape[:2], 2) if visible is None else visible
    return People(
        image_paths=np.empty(0, dtype=np.str_),
        keypoints=np.where(visible[..., None] > 0, keypoints, 0).astype(np.float32),
        visible=visible.astype(np.float32),
        boxes=box_of_points(keypoints, visible),
        ids=columns.pop("ids", np.array([f"p{n}" for n in range(count)], dtype=np.str_)),
        **columns,
    )


def predicted(keypoints, ids=None):
    ids = np.array([f"p{n}" for n in range(len(keypoints))]) if ids is None else ids
    scores = np.arange(keypoints[..., 0].size).reshape(keypoints.shape[:2])
    return Predictions(ids, keypoints.astype(np.float32), scores.astype(np.float32))


TRUTH = people(poses(300))
NEAR = predicted(TRUTH.keypoints + RNG.normal(size=TRUTH.keypoints.shape))


def rows_of(predictions, rows):
    return Predictions(*(getattr(predictions, n)[rows] for n in ("ids", "keypoints", "scores")))


class TestJoin:
    def test_order_is_the_truth_s(self):
        rows = RNG.permutation(300)
        joined = join(rows_of(NEAR, rows), TRUTH)
        for name in ("ids", "keypoints", "scores"):
            np.testing.assert_array_equal(getattr(joined, name), getattr(NEAR, name))
        assert joined.keypoints.dtype == joined.scores.dtype == np.float32

    def test_part_of_the_truth_in_another_order(self):
        rows = np.array([7, 3, 5])
        joined = join(rows_of(NEAR, np.sort(rows)), TRUTH[rows])
        np.testing.assert_array_equal(joined.keypoints, NEAR.keypoints[rows])

    def test_nothing_is_changed(self):
        before = NEAR.keypoints.copy()
        joined = join(NEAR, TRUTH)
        joined.keypoints[:] = 0
        np.testing.assert_array_equal(NEAR.keypoints, before)

    @pytest.mark.parametrize("reason", ["not labelled", "crowd"])
    def test_who_is_not_scored_needs_no_prediction(self, reason):
        visible = np.full((4, 14), 2)
        crowd = np.zeros(4, dtype=bool)
        if reason == "crowd":
            crowd[2] = True
        else:
            visible[2] = 0
        truth = people(poses(4), visible, crowd=crowd)
        joined = join(rows_of(NEAR, np.array([0, 1, 3])), truth)
        assert np.isnan(joined.keypoints[2]).all()
        assert np.isnan(joined.scores[2]).all()
        np.testing.assert_array_equal(joined.keypoints[[0, 1, 3]], NEAR.keypoints[[0, 1, 3]])
        with pytest.raises(ValueError, match=r"1 of 4 people have none \(p1\); give"):
            join(rows_of(NEAR, np.array([0, 3])), truth)

    def test_missing_ids(self):
        with pytest.raises(ValueError, match=r"4 of 300 people have none \(p0, p1, p2, \.\.\.\)"):
            join(rows_of(NEAR, slice(4, None)), TRUTH)

    def test_extra_ids(self):
        with pytest.raises(ValueError, match=r"people: 2 are of unknown people \(p298, p299\); "):
            join(NEAR, TRUTH[:298])

    def test_other_people_altogether(self):
        other = replace(NEAR, ids=np.char.add("q", np.arange(300).astype(str)))
        with pytest.raises(ValueError, match="not for the truth's people") as caught:
            join(other, TRUTH)
        assert str(caught.value) == (
            "the predictions are not for the truth's people: 300 of 300 people have none (p0, p1, "
            "p2, ...) and 300 are of unknown people (q0, q1, q2, ...); give predictions that were "
            "made for this data set and split"
        )

    def test_repeated_ids(self):
        twice = np.array([0, 0, *range(1, 300)])
        with pytest.raises(ValueError, match=r"1 ids repeat in the predictions \(p0\)"):
            join(rows_of(NEAR, twice), TRUTH)
        with pytest.raises(ValueError, match=r"1 ids repeat in the truth \(p0\)"):
            join(NEAR, TRUTH[twice])

    def test_another_number_of_keypoints(self):
        with pytest.raises(ValueError, match="predictions have 16 keypoints, truth 14: "):
            join(predicted(poses(300, 16)), TRUTH)

    def test_nobody(self):
        with pytest.raises(ValueError, match="there are no predictions"):
            join(rows_of(NEAR, slice(0)), TRUTH)
        with pytest.raises(ValueError, match="the truth holds nobody"):
            join(NEAR, TRUTH[:0])


class TestScale:
    @pytest.mark.parametrize("factor", [0.7, 1, 1.4])
    def test_small_differences_pass(self, factor):
        check_scale(predicted(NEAR.keypoints * factor), TRUTH)

    @pytest.mark.parametrize(("factor", "told"), [(0.01, "0.01"), (0.4, "0.4"), (2.9, "2.9")])
    def test_other_units_are_told(self, factor, told):
        with pytest.raises(ValueError, match=f"look {told} times as large as the truth"):
            check_scale(predicted(NEAR.keypoints * factor + 5), TRUTH)

    def test_pixels_of_each_person_s_crop(self):
        low, high = np.split(TRUTH.boxes, 2, axis=-1)
        side = (high - low).max(axis=-1)[:, None, None]
        crops = (NEAR.keypoints - low[:, None]) * (800 / side)
        with pytest.raises(ValueError, match=r"look [\d.]+ times as large"):
            check_scale(predicted(crops), TRUTH)

    @pytest.mark.parametrize("size", [(640, 480), (1280, 720), (400, 900)])
    def test_parts_of_an_image(self, size):
        with pytest.raises(ValueError, match="between 0 and 1; multiply x by its width"):
            check_scale(predicted(NEAR.keypoints / size), TRUTH)

    @pytest.mark.parametrize("noise", [0.3, 3])
    def test_wrong_poses_in_parts_of_an_image(self, noise):
        wrong = TRUTH.keypoints + RNG.normal(scale=noise * 100, size=TRUTH.keypoints.shape)
        with pytest.raises(ValueError, match="between 0 and 1"):
            check_scale(predicted(wrong / 1000), TRUTH)

    @pytest.mark.parametrize("factor", [0.3, 1, 3])
    def test_one_pose_for_everyone_is_only_wrong(self, factor):
        constant = np.broadcast_to(TRUTH.keypoints.mean(axis=0) * factor, TRUTH.keypoints.shape)
        check_scale(predicted(constant), TRUTH)

    def test_the_mean_pose_in_the_box_is_only_wrong(self):
        check_scale(predicted(paste(mean_pose(TRUTH), TRUTH.boxes)), TRUTH)

    @pytest.mark.parametrize("value", [0, 1e-3, 300, np.nan])
    def test_a_point_for_everyone(self, value):
        point = predicted(np.full(TRUTH.keypoints.shape, value))
        if value == 1e-3:
            with pytest.raises(ValueError, match="between 0 and 1"):
                check_scale(point, TRUTH)
        else:
            check_scale(point, TRUTH)

    def test_noise_is_only_wrong(self):
        check_scale(predicted(RNG.uniform(0, 2000, TRUTH.keypoints.shape)), TRUTH)

    def test_only_labelled_and_predicted_points_count(self):
        visible = RNG.integers(0, 2, (300, 14)) * 2
        truth = people(TRUTH.keypoints, visible)
        wild = np.where(visible[..., None] > 0, NEAR.keypoints, 1e6)
        wild[RNG.random((300, 14)) < 0.2] = np.nan
        check_scale(predicted(wild), truth)
        with pytest.raises(ValueError, match="look 3 times"):
            check_scale(predicted(wild * 3), truth)

    def test_too_few_points_say_nothing(self):
        visible = np.zeros((300, 14))
        visible[:, :2] = 2
        check_scale(predicted(NEAR.keypoints * 3), people(TRUTH.keypoints, visible))


def detected(keypoints, image_ids):
    count = len(keypoints)
    return Detections(
        np.array(image_ids), keypoints, np.ones(keypoints.shape[:2]), np.linspace(1, 0, count)
    )


class TestDetections:
    truth = people(poses(4), image_ids=np.array(["1", "1", "2", "3"]))

    def test_any_number_in_known_images(self):
        check_detections(detected(NEAR.keypoints[:3], ["1", "1", "1"]), self.truth)
        check_detections(detected(NEAR.keypoints[:1], ["3"]), self.truth)

    def test_unknown_images(self):
        with pytest.raises(ValueError, match=r"2 images .* \(7, 8\), which has .* as 1, 2, 3;"):
            check_detections(detected(NEAR.keypoints[:3], ["7", "1", "8"]), self.truth)

    def test_the_same_pose_twice(self):
        twice = np.stack([NEAR.keypoints[0]] * 2)
        check_detections(detected(twice, ["1", "2"]), self.truth)
        with pytest.raises(ValueError, match="image 2 has the very same pose twice"):
            check_detections(detected(twice, ["2", "2"]), self.truth)

    def test_another_number_of_keypoints(self):
        with pytest.raises(ValueError, match="predictions have 17 keypoints, truth 14"):
            check_detections(detected(poses(1, 17), ["1"]), self.truth)

    def test_nobody(self):
        with pytest.raises(ValueError, match="there are no poses"):
            check_detections(detected(NEAR.keypoints[:0], []), self.truth)
        with pytest.raises(ValueError, match="the truth holds nobody"):
            check_detections(detected(NEAR.keypoints[:1], ["1"]), self.truth[:0])


def test_fifty_thousand_people_take_a_fraction_of_a_second():
    truth = people(poses(50_000, 16))
    predictions = predicted(truth.keypoints + 1)
    shuffled = rows_of(predictions, RNG.permutation(50_000))

    def seconds():
        start = process_time()
        check_scale(join(shuffled, truth), truth)
        return process_time() - start

    assert min(seconds() for _ in range(3)) < 0.5  # 0.11 s on one slow core
