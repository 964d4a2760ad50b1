"""Which detection found whom, at every OKS threshold and range of areas at once.

The rules are those of COCO's keypoint evaluation, https://cocodataset.org/#keypoints-eval. What
pycocotools does person by person is done for all images together here, because resampling needs
every match and not only the final numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from poseforge.evaluation.oks import areas_of, oks_of_pairs, sigmas_of
from poseforge.structures import Detections, People, Skeleton
from poseforge.structures.affine import Floats
from poseforge.structures.boxes import box_of_points, sides_of

Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]

THRESHOLDS = np.linspace(0.5, 0.95, 10)
# COCO's ranges of px²: all, medium, large. Keypoints have no small people.
AREA_RANGES = np.array([(0, 1e10), (32**2, 96**2), (96**2, 1e10)])
MAX_DETECTIONS = 20

# Pairs whose similarity is computed at once: few enough to stay in the processor's cache.
PAIRS_AT_ONCE = 2000


@dataclass(frozen=True)
class Matches:
    """M detections in the order of falling scores, at A ranges of areas and T thresholds.

    Attributes:
        images: (M,) the number of each detection's image, as `People.image_rows` counts.
        true: (A, T, M) whether it found someone who counts.
        counted: (A, T, M) whether it counts at all: it found someone who does, or nobody.
        people: (A, G) how many people of each image are to be found.
    """

    images: Rows
    true: Flags
    counted: Flags
    people: Floats


def match(detections: Detections, truth: People, skeleton: Skeleton) -> Matches:
    """Match detections to people, best score first, each to the most similar person left.

    Raises:
        ValueError: A detection is in an image that the truth does not have, the skeleton has no
            sigmas, or only some people have an area.
    """
    kept, ranks = _best_of_each_image(detections, truth)
    images = rows_of_images(detections, truth)[kept]
    keypoints = detections.keypoints[kept]
    table = _people_of_images(truth.image_rows)  # (G, S)
    similarity = _similarity(keypoints, images, table, truth, sigmas_of(skeleton))  # (M, S)

    outside = _outside_ranges(detection_areas(keypoints))  # (A, M)
    ignored = _outside_ranges(areas_of(truth)) | ~truth.to_find  # (A, N)
    crowd = truth.is_crowd[table]
    shape = len(AREA_RANGES), len(THRESHOLDS), len(kept)
    true, counted = np.empty(shape, dtype=bool), np.empty(shape, dtype=bool)
    people = np.empty((len(AREA_RANGES), len(table)))
    for area, (unwanted, too_small_or_large) in enumerate(zip(ignored, outside, strict=True)):
        found, wanted = _greedy(similarity, images, ranks, unwanted[table], crowd)
        true[area] = found & wanted
        counted[area] = np.where(found, wanted, ~too_small_or_large)
        people[area] = np.bincount(truth.image_rows[~unwanted], minlength=len(table))
    falling = np.argsort(-detections.person_scores[kept], kind="stable")
    return Matches(images[falling], true[..., falling], counted[..., falling], people)


def rows_of_images(detections: Detections, truth: People) -> Rows:
    """Return (M,) the numbers of the detections' images, as `People.image_rows` counts.

    Raises:
        ValueError: A detection is in an image that the truth does not have.
    """
    names = np.unique(truth.image_names)
    rows = np.searchsorted(names, detections.image_ids).clip(max=len(names) - 1)
    unknown = detections.image_ids != names[rows]
    if unknown.any():
        raise ValueError(
            f"{int(unknown.sum())} of {len(detections)} detections are in images that the truth "
            f"does not have, such as '{detections.image_ids[unknown][0]}'; give detections in "
            "annotated images only"
        )
    return rows


def order_of_images(truth: People) -> Rows:
    """Return (G,) images in the order that breaks ties of scores: COCO's, by number, or by name."""
    names = np.unique(truth.image_names)
    if np.char.isdecimal(names).all():
        digits = np.char.lstrip(names, "0")
        return np.lexsort((digits, np.char.str_len(digits)))
    return np.arange(len(names))


def detection_areas(keypoints: Floats) -> Floats:
    """Return (M,) px² of the boxes around the predicted joints (M, K, 2); NaN without any joint."""
    predicted = np.asarray(np.isfinite(keypoints).all(axis=-1), dtype=np.float64)
    sides = sides_of(box_of_points(keypoints, predicted).astype(np.float64))
    areas: Floats = sides.prod(axis=-1)
    return areas


def _best_of_each_image(detections: Detections, truth: People) -> tuple[Rows, Rows]:
    """Return detections image by image in falling order, and their rank in their image."""
    places = np.argsort(order_of_images(truth))[rows_of_images(detections, truth)]
    order = np.lexsort((-detections.person_scores, places))
    places = places[order]
    ranks = np.arange(len(order)) - np.searchsorted(places, places)
    kept = ranks < MAX_DETECTIONS
    return order[kept], ranks[kept]


def _people_of_images(image_rows: Rows) -> Rows:
    """Return (G, S) the people of each image in their order; -1 is nobody."""
    order = np.argsort(image_rows, kind="stable")
    images = image_rows[order]
    slots = np.arange(len(order)) - np.searchsorted(images, images)
    table = np.full((images.max(initial=-1) + 1, slots.max(initial=0) + 1), -1)
    table[images, slots] = order
    return table


def _similarity(
    keypoints: Floats, images: Rows, table: Rows, truth: People, sigmas: Floats
) -> Floats:
    """Return (M, S) OKS of detections to the people of their image, -1 to nobody."""
    areas = areas_of(truth)
    candidates = table[images]  # (M, S)
    pairs = candidates >= 0
    similarity = np.full(candidates.shape, -1.0)
    rows, people = np.nonzero(pairs)[0], candidates[pairs]
    parts = []
    for start in range(0, len(rows), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        poses, of = keypoints[rows[part]], people[part]
        labels = truth.keypoints[of], truth.visible[of]
        parts.append(oks_of_pairs(poses, *labels, areas[of], truth.boxes[of], sigmas))
    similarity[pairs] = np.concatenate([*parts, np.empty(0)])
    return similarity


def _outside_ranges(areas: Floats) -> Flags:
    """Return (A, N) which areas (N,) are outside each range."""
    low, high = AREA_RANGES.T[..., None]
    outside: Flags = (areas < low) | (areas > high)
    return outside


def _greedy(
    similarity: Floats, images: Rows, ranks: Rows, ignored: Flags, crowd: Flags
) -> tuple[Flags, Flags]:
    """Let the best detection of each image choose, then the second best, and so on.

    A detection takes the most similar person who counts, else the most similar one who does not;
    of equals the last. A person is taken once, a crowd any number of times.

    Args:
        similarity: (M, S) to the people of the detection's image.
        images: (M,) rows of the arrays below.
        ranks: (M,) places in the image by score, from 0.
        ignored: (G, S) who does not count.
        crowd: (G, S) who is a crowd.

    Returns:
        (T, M) whether a detection found anyone, and whether that is someone who counts.
    """
    found = np.zeros((len(THRESHOLDS), len(images)), dtype=bool)
    wanted = np.zeros_like(found)
    free = np.ones((len(THRESHOLDS), *ignored.shape), dtype=bool)
    levels = np.arange(len(THRESHOLDS))[:, None]
    for rank in range(ranks.max(initial=-1) + 1):
        rows = np.flatnonzero(ranks == rank)
        here = images[rows]
        close = free[:, here] & (similarity[rows] >= THRESHOLDS[:, None, None])  # (T, m, S)
        preferred = similarity[rows] - 2 * ignored[here]
        appeal = np.where(close, preferred, -np.inf)[..., ::-1]
        chosen = close.shape[-1] - 1 - appeal.argmax(axis=-1)  # (T, m)
        found[:, rows] = np.take_along_axis(close, chosen[..., None], axis=-1)[..., 0]
        wanted[:, rows] = ~ignored[here, chosen]
        free[levels, here, chosen] &= ~found[:, rows] | crowd[here, chosen]
    return found, wanted
