import pytest

from benchmarks.beside_mmpose import check_agreement


class Answering:
    """A side that answers each request with the same numbers."""

    def __init__(self, numbers: list[float], case: str = "EPE") -> None:
        self.numbers = numbers
        self.cases = (case,)

    def ask(self, **_: object) -> list[float]:
        return self.numbers


def test_what_does_not_compute_the_same_is_not_compared():
    def check(theirs: Answering) -> None:
        sides = {"PoseForge": Answering([10.0, 20.0]), "MMPose": theirs}
        check_agreement(sides, [("EPE", "people")], atol=1e-6, rtol=1e-6)

    for near in ([10.000001, 20.0], [10.0, 20.00001]):
        check(Answering(near))
    check(Answering([0.0, 0.0], "NME"))
    message = r"EPE of people: number 1 is 20.0 here and 20.1 in MMPose"
    with pytest.raises(ValueError, match=message):
        check(Answering([10.0, 20.1]))
    with pytest.raises(ValueError, match="could not be broadcast"):
        check(Answering([10.0, 20.0, 30.0]))
