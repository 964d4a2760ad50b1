"""Two models on one test set: which is the better, and could this test set tell?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from poseforge.evaluation.base import Interval, Statistic
from poseforge.evaluation.intervals import bootstrap, percentile_intervals

Verdict = Literal["A above B", "B above A", "not distinguishable"]

# A difference of this many standard errors is found in 80 of 100 test sets by a two-sided test at
# 5 %: 1.960 + 0.842 (Cohen, "Statistical Power Analysis for the Behavioral Sciences", 1988).
DETECTABLE_ERRORS = 2.802


@dataclass(frozen=True)
class Comparison:
    """A paired comparison by one number.

    Attributes:
        name: The number's.
        a: Model A's.
        b: Model B's.
        difference: A minus B.
        interval: The difference's 95 % interval, over test sets drawn from this one's images.
        verdict: Which model is above; "above" is the better one, whatever the number's direction.
        detectable: The smallest true difference that a test set like this one would show in 80 of
            100 cases.
    """

    name: str
    a: float
    b: float
    difference: float
    interval: Interval
    verdict: Verdict
    detectable: float


def compare(
    a: Statistic,
    b: Statistic,
    rng: np.random.Generator,
    *,
    names: tuple[str, ...],
    higher_is_better: bool = True,
) -> list[Comparison]:
    """Compare two models by the same numbers on the same images.

    Both are scored on the same drawn images each time, so that how hard an image is falls out of
    the difference: two models that differ little can be told apart by a test set that could place
    neither of them so exactly (Efron and Tibshirani, 1993, chapter 13).

    Args:
        a: Model A's numbers.
        b: Model B's, of the same people.
        rng: The source of the draws.
        names: The numbers to compare by.
        higher_is_better: Whether the larger number is the better one.

    Raises:
        ValueError: The two are not the same numbers of the same images.
    """
    if a.names != b.names or a.num_images != b.num_images:
        raise ValueError("two models are compared by the same numbers of the same images only")
    # The same state draws the same images for both.
    state = rng.bit_generator.state
    drawn_a = bootstrap(a, rng)
    rng.bit_generator.state = state
    differences = drawn_a - bootstrap(b, rng)  # (R, V)
    ones = np.ones((1, a.num_images))
    values_a, values_b = a(ones)[0], b(ones)[0]
    ends = percentile_intervals(differences)
    found = []
    for name in names:
        column = a.names.index(name)
        low, high = ends[column].tolist()
        found.append(
            Comparison(
                name=name,
                a=float(values_a[column]),
                b=float(values_b[column]),
                difference=float(values_a[column] - values_b[column]),
                interval=(low, high),
                verdict=_verdict(low, high, higher_is_better),
                detectable=float(DETECTABLE_ERRORS * np.nanstd(differences[:, column], ddof=1)),
            )
        )
    return found


def _verdict(low: float, high: float, higher_is_better: bool) -> Verdict:
    if low > 0:
        return "A above B" if higher_is_better else "B above A"
    if high < 0:
        return "B above A" if higher_is_better else "A above B"
    return "not distinguishable"
