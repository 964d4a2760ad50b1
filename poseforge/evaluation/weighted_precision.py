"""Average precision and recall of weighted test sets, all from one set of matches."""

import numpy as np

from poseforge.evaluation.base import Statistic
from poseforge.evaluation.oks_matching import THRESHOLDS, Flags, Matches, Rows
from poseforge.structures.affine import Floats

NAMES = ("AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl")
RECALLS = np.linspace(0, 1, 101)

# Thresholds and ranges of areas of the five numbers, precision and recall alike.
ALL, MEDIUM, LARGE = range(3)
AT_50, AT_75 = (int(np.argmin(np.abs(THRESHOLDS - at))) for at in (0.5, 0.75))


class WeightedPrecision(Statistic):
    """COCO's ten keypoint numbers, in percent, as a function of the images' weights.

    An image of weight two counts as two copies of it. With weights of 1 the numbers are those of
    pycocotools.
    """

    names = NAMES

    def __init__(self, matches: Matches) -> None:
        self.num_images = matches.people.shape[1]
        self._people = matches.people
        self._ranges = [
            _Ranking(matches.images, true, counted)
            for true, counted in zip(matches.true, matches.counted, strict=True)
        ]

    def __call__(self, weights: Floats) -> Floats:
        numbers = np.stack(
            [
                ranking(weights, weights @ people)
                for ranking, people in zip(self._ranges, self._people, strict=True)
            ]
        )  # (A, 2, R, T): precision and recall
        columns = []
        for of in numbers.swapaxes(0, 1):  # (A, R, T)
            columns += [of[ALL].mean(axis=-1), of[ALL, :, AT_50], of[ALL, :, AT_75]]
            columns += [of[MEDIUM].mean(axis=-1), of[LARGE].mean(axis=-1)]
        return 100 * np.stack(columns, axis=1)


class _Ranking:
    """Detections by falling scores, at one range of areas.

    Precision is highest where someone was just found, so nothing is computed elsewhere. Most
    detections count at every threshold; they are summed once for all of them.
    """

    def __init__(self, images: Rows, true: Flags, counted: Flags) -> None:
        always = counted.all(axis=0)
        before = np.cumsum(always)
        self._always = images[always]
        self._levels = [
            (images[hits], before[hits], images[extra], np.cumsum(extra)[hits])
            for hits, extra in zip(true, counted & ~always, strict=True)
        ]

    def __call__(self, weights: Floats, people: Floats) -> Floats:
        """Return (2, R, T) average precision and recall, NaN where nobody is to be found.

        Args:
            weights: (R, G) of the images.
            people: (R,) how many people are to be found.
        """
        numbers = np.full((2, len(weights), len(self._levels)), np.nan)
        # One test set at a time: its sums fit into the processor's cache.
        for row in np.flatnonzero(people):
            of_images = weights[row]
            always = _sums(of_images[self._always])
            for level, (images, before, extra, extra_before) in enumerate(self._levels):
                found = np.cumsum(of_images[images])
                tried = always[before] + _sums(of_images[extra])[extra_before]
                numbers[:, row, level] = _average(found, tried, people[row])
        return numbers


def _sums(weights: Floats) -> Floats:
    """Return (n + 1,) sums of the first 0, 1, ... n of (n,)."""
    sums = np.zeros(len(weights) + 1)
    np.cumsum(weights, out=sums[1:])
    return sums


def _average(found: Floats, tried: Floats, people: float) -> tuple[float, float]:
    """Return precision averaged over 101 recalls, and recall.

    Args:
        found: (E,) people found so far, each time that someone is.
        tried: (E,) detections that count so far.
        people: How many are to be found.
    """
    if not len(found):
        return 0, 0
    recall = found / people
    reached = np.searchsorted(recall, RECALLS)
    reached = reached[reached < len(recall)]
    # COCO's own guard against 0 / 0, which a weight of 0 can give.
    precision = found / (tried + np.spacing(1.0))
    # The precision at a recall is the highest at this recall or any larger one.
    highest = np.maximum.accumulate(np.maximum.reduceat(precision, reached)[::-1])
    return highest.sum() / len(RECALLS), recall[-1]
