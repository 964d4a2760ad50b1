import matplotlib.figure
import pytest

from poseforge.structures import Skeleton


@pytest.fixture
def dog() -> Skeleton:
    """A skeleton with one pair and one joint in the middle."""
    return Skeleton(
        name="dog",
        keypoints=("right_paw", "nose", "left_paw"),
        pairs=(("left_paw", "right_paw"),),
        links=(("nose", "left_paw"), ("nose", "right_paw")),
    )


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[matplotlib.figure.Figure]:
    """The figures that were written so far, to look into."""
    written = []
    save = matplotlib.figure.Figure.savefig

    def keep(figure, *args, **kwargs):
        written.append(figure)
        return save(figure, *args, **kwargs)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", keep)
    return written
