import numpy as np
import pytest
from matplotlib.colors import to_hex

from poseforge.visualization.error_kinds import KIND_COLOURS, plot_error_kinds

KINDS = ("good", "jitter", "inversion", "swap", "miss")
SHARES = np.array([[80.0, 10, 4, 4, 2], [50, 20, 10, 10, 10], [np.nan] * 5])
OVERDRAWN = np.array([[100.0, -10, 4, 4, 2], *SHARES[1:]])
MENDED = {"jitter": 75.0, "miss": 71.5}


def plot(dog, path, shares=SHARES, kinds=KINDS, mended=MENDED):
    plot_error_kinds(shares, kinds, path, dog, score=70.0, mended=mended, metric="PCK@0.2")


def test_segments_follow_each_other_with_the_given_lengths(dog, figures, tmp_path):
    plot(dog, tmp_path / "kinds.png")
    left = figures[0].axes[0]
    assert [label.get_text() for label in left.get_yticklabels()] == [
        "left paw",
        "right paw",
        "nose",
    ]
    segments = [[bar.get_x(), bar.get_width(), to_hex(bar.get_facecolor())] for bar in left.patches]
    right_paw, nose = segments[::2], segments[1::2]  # the left paw has no labels
    for bar, shares in ((right_paw, SHARES[0]), (nose, SHARES[1])):
        np.testing.assert_allclose([start for start, *_ in bar], np.cumsum(shares) - shares)
        np.testing.assert_allclose([width for _, width, _ in bar], shares)
        assert [colour for *_, colour in bar] == list(KIND_COLOURS[:5])
    assert "no labels" in [text.get_text() for text in left.texts]


def test_wide_segments_carry_their_number(dog, figures, tmp_path):
    plot(dog, tmp_path / "kinds.png")
    texts = sorted(text.get_text() for text in figures[0].axes[0].texts)
    assert texts == sorted(["80", "10", "50", "20", "10", "10", "10", "no labels"])


def test_gains_are_what_mending_adds(dog, figures, tmp_path):
    plot(dog, tmp_path / "kinds.png")
    right = figures[0].axes[1]
    assert [bar.get_width() for bar in right.patches] == [5.0, 1.5]
    assert [to_hex(bar.get_facecolor()) for bar in right.patches] == [
        KIND_COLOURS[1],
        KIND_COLOURS[4],
    ]
    assert [text.get_text() for text in right.texts] == ["+5.0", "+1.5"]
    assert right.get_title() == "PCK@0.2: 70.0"


def test_two_drawings_are_the_same_bytes_and_change_nothing(dog, tmp_path):
    before = SHARES.copy()
    for name in ("a.png", "b.png"):
        plot(dog, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    np.testing.assert_array_equal(SHARES, before)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"shares": SHARES[:2]}, r"give \(3, 5\)"),
        ({"shares": SHARES / 100}, "shares of right_paw, nose are negative or do not sum to 100"),
        (
            {"shares": OVERDRAWN},
            "shares of right_paw are negative",
        ),
        ({"mended": {"sloth": 80.0}}, "sloth, which are no kinds of error; the kinds are good"),
        ({"shares": np.full((3, 9), 100 / 9), "kinds": tuple("abcdefghi")}, "give 8 at most"),
    ],
)
def test_what_is_no_set_of_kinds_is_refused(dog, tmp_path, changed, message):
    with pytest.raises(ValueError, match=message):
        plot(dog, tmp_path / "kinds.png", **changed)
    assert not list(tmp_path.iterdir())
