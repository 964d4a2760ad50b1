import copy

import numpy as np
import pytest

from poseforge.evaluation import PCK
from poseforge.evaluation.distances import normalised_distances, pixel_distances
from poseforge.evaluation.hits import hit_curve
from poseforge.evaluation.reference import reference_lengths
from poseforge.registry import METRICS
from poseforge.registry import build as build_part
from poseforge.structures import SKELETONS, Skeleton

TORSO_PX = 50.0


@pytest.fixture
def truth(rng, lsp14):
    """Twelve people whose torso is 50 px to the last bit."""
    points = rng.integers(0, 200, size=(12, 14, 2)).astype(np.float64)
    a, b = lsp14.indices(lsp14.torso)
    points[:, b] = points[:, a] + [30, 40]
    return points


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def score(keypoints, people, skeleton, **options):
    return PCK(**options)(keypoints, np.ones(keypoints.shape[:2]), people, skeleton)


def brute_force(keypoints, truth, visible, lengths, threshold):
    hits = labelled = 0
    for person in range(len(truth)):
        if not lengths[person] > 0:
            continue
        for joint in range(truth.shape[1]):
            if visible[person, joint] == 0:
                continue
            labelled += 1
            x, y = keypoints[person, joint] - truth[person, joint]
            hits += (x * x + y * y) ** 0.5 <= threshold * lengths[person]
    return 100 * hits / labelled


def test_truth_scores_100_everywhere(truth, as_people, lsp14):
    report = score(truth, as_people(truth), lsp14)
    assert report.people == 12
    assert report.notes == ()
    assert set(report.columns.values()) == {100.0}
    assert report.values == {"PCK@0.2": 100.0, "PCK@0.1": 100.0, "AUC": 100.0}
    assert report.intervals["PCK@0.2"] == (100.0, 100.0)


def test_columns_are_the_skeletons_groups_then_totals(truth, as_people, lsp14):
    columns = list(score(truth, as_people(truth), lsp14).columns)
    assert columns == [*lsp14.groups, "Mean", "@0.1", "AUC"]


def test_a_distance_of_exactly_the_threshold_is_a_hit(truth, as_people, lsp14):
    on_the_line = truth + np.array([6, 8])  # 10 px = 0.2 * 50 px
    beyond = truth + np.array([6, 8.001])
    assert score(on_the_line, as_people(truth), lsp14).values["PCK@0.2"] == 100
    assert score(beyond, as_people(truth), lsp14).values["PCK@0.2"] == 0


def test_every_threshold_of_the_curve_includes_its_own_distance():
    hundredths = np.arange(1, 21) / 100
    grid = np.linspace(0, 0.2, 21)
    np.testing.assert_allclose(hit_curve(hundredths, grid), 5.0 * np.arange(21))


def test_a_nan_prediction_is_a_miss(truth, as_people, lsp14):
    guessed = truth.copy()
    guessed[:, lsp14.index("neck"), 0] = np.nan
    guessed[:3, lsp14.index("left_knee")] = np.nan
    report = score(guessed, as_people(truth), lsp14)
    assert report.values["PCK@0.2"] == pytest.approx(100 * (1 - 15 / (12 * 14)))
    assert report.columns["Head"] == 50
    assert report.columns["Knee"] == pytest.approx(100 * (1 - 3 / 24))


def test_swapped_sides_lower_only_paired_joints(rng, as_people, lsp14):
    truth = rng.uniform(0, 1000, size=(200, 14, 2))
    report = score(truth[:, lsp14.flip_indices], as_people(truth), lsp14)
    assert report.columns["Head"] == 100
    assert all(report.columns[title] < 50 for title in lsp14.groups if title != "Head")


def test_people_without_a_reference_are_left_out_and_counted(truth, as_people, lsp14):
    a, b = lsp14.indices(lsp14.torso)
    visible = np.full(truth.shape[:2], 2)
    truth[0, a] = truth[0, b]
    visible[1, a] = 0
    visible[2, :] = 0
    guessed = truth.copy()
    guessed[:3] += 1000  # would cost points if anybody counted them
    report = score(guessed, as_people(truth, visible), lsp14)
    assert report.people == 9
    assert report.values["PCK@0.2"] == 100
    assert report.notes == (
        "2 of 12 people left out: their torso is not labelled",
        "1 of 12 people left out: their torso has length zero",
    )


def test_hidden_joints_count_and_unlabelled_ones_do_not(truth, as_people, lsp14):
    visible = np.full(truth.shape[:2], 2)
    wrist, ankle = lsp14.index("left_wrist"), lsp14.index("left_ankle")
    visible[:, wrist], visible[:, ankle] = 0, 1
    guessed = truth.copy()
    guessed[:, [wrist, ankle]] += 1000
    report = score(guessed, as_people(truth, visible), lsp14)
    assert report.values["PCK@0.2"] == pytest.approx(100 * 12 / 13)
    assert report.columns["Wrist"] == 100
    assert report.columns["Ankle"] == 50


def test_a_group_without_labels_is_nan_and_the_mean_is_not(truth, as_people, lsp14):
    visible = np.full(truth.shape[:2], 2)
    visible[:, lsp14.indices(lsp14.groups["Head"])] = 0
    report = score(truth, as_people(truth, visible), lsp14)
    assert np.isnan(report.columns["Head"])
    assert report.columns["Mean"] == 100


@pytest.mark.parametrize("reference", ["torso", "head", "box"])
@pytest.mark.parametrize("threshold", [0.05, 0.2, 0.5])
def test_equals_a_double_loop(rng, as_people, lsp14, reference, threshold):
    truth = rng.uniform(0, 300, size=(60, 14, 2)).astype(np.float32)
    visible = rng.integers(0, 3, size=(60, 14))
    guessed = truth + rng.normal(0, 30, size=truth.shape)
    people = as_people(truth, visible)
    report = score(guessed, people, lsp14, thresholds=(threshold,), reference=reference)
    lengths = reference_lengths(people, lsp14, reference)
    expected = brute_force(guessed, people.keypoints, visible, lengths, threshold)
    assert report.values[f"PCK@{threshold:g}"] == pytest.approx(expected)


def test_box_reference_is_the_longest_side_around_labelled_joints(as_people, lsp14):
    truth = np.zeros((1, 14, 2))
    truth[0, :4] = [[10, 20], [40, 20], [10, 90], [500, 500]]
    visible = np.zeros((1, 14))
    visible[0, :3] = 1
    people = as_people(truth, visible)
    assert reference_lengths(people, lsp14, "box").tolist() == [70]
    assert reference_lengths(people, lsp14, "box_area").tolist() == [2100**0.5]


def test_area_under_a_straight_curve_has_a_closed_form(as_people, lsp14):
    # Distances spread evenly over 0 ... 0.4 torsos: the curve is 2.5 t, its mean over 0 ... 0.2 is
    # a quarter, and a trapezoid measures a straight line exactly.
    count = 4000
    truth = np.zeros((count, 14, 2))
    truth[:, lsp14.index("right_hip")] = [0, TORSO_PX]
    errors = (np.arange(count) + 0.5) / count * 0.4 * TORSO_PX
    guessed = truth + np.stack([errors, np.zeros(count)], axis=-1)[:, None]
    report = score(guessed, as_people(truth), lsp14)
    assert report.values["PCK@0.2"] == pytest.approx(50)
    assert report.values["AUC"] == pytest.approx(25)


def test_auc_is_the_trapezoid_of_the_curve(rng, truth, as_people, lsp14):
    guessed = truth + rng.normal(0, 6, size=truth.shape)
    people = as_people(truth)
    lengths = reference_lengths(people, lsp14, "torso")
    distances = normalised_distances(
        pixel_distances(guessed, people.keypoints, people.visible), lengths
    )
    grid = np.linspace(0, 0.3, 13)
    curve = hit_curve(distances, grid)
    expected = ((curve[1:] + curve[:-1]) / 2 * np.diff(grid)).sum() / 0.3
    report = score(guessed, people, lsp14, auc_to=0.3, auc_steps=13)
    assert report.values["AUC"] == pytest.approx(expected)


def test_specification_names_all_that_changes_the_number(truth, as_people, lsp14):
    metric = score(truth, as_people(truth), lsp14).metric
    assert metric.startswith("PCK@0.2[torso=left_shoulder-right_hip, ≤, all labelled joints")
    others = [
        score(truth, as_people(truth), lsp14, **options).metric
        for options in ({"reference": "box"}, {"thresholds": (0.5,)}, {"auc_to": 0.5})
    ]
    assert len({metric, *others}) == 4


def test_intervals_hold_the_value_and_repeat(rng, truth, as_people, lsp14):
    guessed = truth + rng.normal(0, 6, size=truth.shape)
    first, second = (score(guessed, as_people(truth), lsp14) for _ in range(2))
    assert first == second
    for name, (low, high) in first.intervals.items():
        assert low < first.values[name] < high
    assert set(first.intervals) == set(first.values)


def test_inputs_are_not_changed(truth, as_people, lsp14):
    guessed = truth + 3
    guessed[0, 0] = np.nan
    visible = np.full(truth.shape[:2], 2)
    visible[0, 5] = 0
    people = as_people(truth, visible)
    before = copy.deepcopy((guessed, people.keypoints, people.visible))
    score(guessed, people, lsp14)
    for old, new in zip(before, (guessed, people.keypoints, people.visible), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_label_that_is_nan_is_no_label(truth, as_people, lsp14):
    labels = truth.copy()
    labels[:, lsp14.index("neck")] = np.nan
    report = score(truth, as_people(labels), lsp14)
    assert report.values["PCK@0.2"] == 100
    assert np.isnan(report.joints["neck"])


def test_pixels_and_own_pairs_measure_too(truth, as_people, lsp14):
    guessed = truth + np.array([3, 4])
    people = as_people(truth)
    pixels = score(guessed, people, lsp14, thresholds=(5, 4.9), reference="pixels", auc_to=10)
    assert pixels.values["PCK@5"] == 100
    assert pixels.values["PCK@4.9"] == 0
    own = score(guessed, people, lsp14, reference=lsp14.torso)
    assert own.values == score(guessed, people, lsp14).values
    with pytest.raises(ValueError, match="no keypoint 'tail'"):
        score(guessed, people, lsp14, reference=("tail", "neck"))


def test_macro_total_weighs_joints_and_not_labels(truth, as_people, lsp14):
    visible = np.full(truth.shape[:2], 2)
    visible[3:, lsp14.index("left_wrist")] = 0  # three labels left
    guessed = truth.copy()
    guessed[:, lsp14.index("left_wrist")] += 1000
    people = as_people(truth, visible)
    macro = score(guessed, people, lsp14, macro=True)
    assert macro.values["PCK@0.2"] == pytest.approx(100 * 13 / 14)
    micro = score(guessed, people, lsp14)
    assert micro.values["PCK@0.2"] == pytest.approx(100 * (1 - 3 / (12 * 13 + 3)))
    assert macro.metric != micro.metric


def test_keypoints_left_out_are_in_no_number(truth, as_people, lsp14):
    guessed = truth.copy()
    guessed[:, lsp14.index("neck")] += 1000
    report = score(guessed, as_people(truth), lsp14, without=("neck",))
    assert report.values["PCK@0.2"] == report.columns["Head"] == 100
    assert "neck" not in report.joints


def test_config_builds_it():
    metric = build_part(dict(type="PCK", thresholds=[0.5], reference="head"), METRICS)
    assert metric.thresholds == (0.5,)


def test_arrays_that_disagree_are_refused(truth, as_people, lsp14):
    people = as_people(truth)
    with pytest.raises(ValueError, match=r"needs \(12, 14, 2\)"):
        score(truth[:5], people, lsp14)
    with pytest.raises(ValueError, match="needs"):
        score(truth, people, SKELETONS["mpii16"])
    with pytest.raises(ValueError, match="disagree"):
        pixel_distances(truth, truth[:3], people.visible)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"thresholds": ()}, "one threshold at least"),
        ({"thresholds": (0.0,)}, "positive"),
        ({"auc_to": -1}, "positive"),
        ({"auc_steps": 1}, "2 or more"),
        ({"reference": "foot"}, "choose torso, head, head_box, box"),
        ({"reference": ("a", "b", "c")}, "two keypoints"),
    ],
)
def test_wrong_settings_are_refused_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        PCK(**options)


def test_nobody_to_score_is_an_error(truth, as_people, lsp14):
    with pytest.raises(ValueError, match="none of 12 people"):
        score(truth, as_people(truth, np.zeros((12, 14))), lsp14)


def test_a_skeleton_without_the_reference_is_refused(as_people):
    worm = Skeleton(name="worm", keypoints=("front", "back"))
    points = np.array([[[0.0, 0.0], [10.0, 0.0]]])
    with pytest.raises(ValueError, match="'worm' has no torso"):
        score(points, as_people(points), worm)
    report = score(points, as_people(points), worm, reference="box")
    assert report.columns == {"Mean": 100.0, "@0.1": 100.0, "AUC": pytest.approx(100)}
