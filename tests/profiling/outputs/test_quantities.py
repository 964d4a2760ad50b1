import pytest

from poseforge.profiling.outputs.quantities import (
    digits,
    milliseconds,
    of_bytes,
    percent,
    short,
    shortened,
    spread_ms,
)
from poseforge.profiling.record import Spread


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0123, "0.012"),
        (0.9994, "0.999"),
        (0.9996, "1.00"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (99.96, "100"),
        (1234.4, "1234"),
        (-2.5, "-2.50"),
    ],
)
def test_three_digits(value: float, text: str) -> None:
    assert digits(value) == text


def test_units() -> None:
    assert milliseconds(0.0123) == "12.3"
    assert spread_ms(Spread(0.0123, 0.012, 0.1)) == "12.3 ms (12.0..100)"
    assert [percent(value) for value in (0.123, 0.0123, 1.5)] == ["12 %", "1.2 %", "150 %"]
    assert [of_bytes(value) for value in (999, 1500, 3.2e9, 2e12)] == [
        "999 B",
        "1.50 kB",
        "3.20 GB",
        "2.00 TB",
    ]
    assert [short(value) for value in (7, 0.5, 31_232, 999_900, 4.5e7)] == [
        "7",
        "0.500",
        "31.2k",
        "1.00M",
        "45.0M",
    ]


@pytest.mark.parametrize("width", [5, 8, 9, 21, 22])
def test_names_lose_their_middle(width: int) -> None:
    name = "backbone.first.0.0.1.x"
    found = shortened(name, width)
    assert len(found) == min(width, len(name))
    ahead, _, behind = found.partition("…")
    assert name.startswith(ahead)
    assert name.endswith(behind)
