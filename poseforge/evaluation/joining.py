"""Predictions and the truth they are for, brought together by id and checked against each other."""

import numpy as np
from numpy.typing import NDArray

from poseforge.structures import Detections, People, Predictions
from poseforge.structures.affine import Floats

SHOWN = 3  # ids in a message
LARGEST_FACTOR = 1.5  # between the sizes of predicted and true people, in the median
LEAST_ALIKE = 0.9  # correlation of predicted and true shapes, in the median
LARGEST_SHARE = 1 / 3  # of the unlikeness to other people that may remain for one's own
LEAST_POINTS = 3  # that make a shape
MOST_PEOPLE = 4000  # whose scale is looked at, evenly spread; more would not move a median


def join(predictions: Predictions, truth: People) -> Predictions:
    """Return the predictions in the truth's order, joined by id and never by position.

    A person of the truth with no labelled keypoint, and a crowd, need no prediction and get one
    of NaN.

    Raises:
        ValueError: There is nobody, ids repeat, are missing or unknown, or K differs.
    """
    if not len(truth):
        raise ValueError("the truth holds nobody; give one with people")
    if not len(predictions):
        raise ValueError("there are no predictions; give one for each person of the truth")
    _check_k(predictions.keypoints, truth)
    _check_repeats("predictions", predictions.ids)
    _check_repeats("truth", truth.ids)
    rows = {name: row for row, name in enumerate(predictions.ids.tolist())}
    order = np.array([rows.get(name, -1) for name in truth.ids.tolist()])
    missing = (order < 0) & _must_be_predicted(truth)
    known = np.zeros(len(predictions), dtype=bool)
    known[order[order >= 0]] = True
    if missing.any() or not known.all():
        faults = [
            f"{what} ({_listed(names)})"
            for what, names in (
                (f"{missing.sum()} of {len(truth)} people have none", truth.ids[missing]),
                (f"{(~known).sum()} are of unknown people", predictions.ids[~known]),
            )
            if len(names)
        ]
        raise ValueError(
            f"the predictions are not for the truth's people: {' and '.join(faults)}; give "
            "predictions that were made for this data set and split"
        )
    found = order >= 0
    return Predictions(
        truth.ids,
        np.where(found[:, None, None], predictions.keypoints[order], np.float32(np.nan)),
        np.where(found[:, None], predictions.scores[order], np.float32(np.nan)),
    )


def check_scale(predictions: Predictions, truth: People) -> None:
    """Refuse predictions in other units, such as pixels of a crop or parts of an image.

    Whoever predicts the right shapes at another size has them in other units; whoever predicts
    wrong shapes is only wrong, at any size. Shapes are right where they resemble those of their own
    people, and clearly more so than those of others: one pose for everyone is as like the one as
    the other.

    Args:
        predictions: In the truth's order, as `join` returns them.
        truth: The people.

    Raises:
        ValueError: The units differ; the message says by which factor.
    """
    spread = slice(None, None, -(-len(truth) // MOST_PEOPLE) or None)
    predicted, true = predictions.keypoints[spread], truth.keypoints[spread]
    usable = (truth.visible[spread] > 0) & np.isfinite(predicted).all(axis=-1)
    enough = usable.sum(axis=-1) >= LEAST_POINTS
    usable, predicted, true = usable[enough], predicted[enough], true[enough]
    if not len(usable):
        return
    _check_fractions(predicted[usable], true[usable])
    shapes, true_shapes = _centered(predicted, usable), _centered(true, usable)
    others = len(usable) // 2  # far away in the order, so hardly the next frame of a film
    both = usable & np.roll(usable, others, axis=0)
    own_alike = np.median(_correlation(shapes, true_shapes))
    others_alike = np.median(
        _correlation(_centered(predicted, both), _centered(np.roll(true, others, axis=0), both))
    )
    if own_alike < LEAST_ALIKE or 1 - own_alike > LARGEST_SHARE * (1 - others_alike):
        return
    factor = float(np.median(_norm(shapes)) / np.median(_norm(true_shapes)))
    if not 1 / LARGEST_FACTOR < factor < LARGEST_FACTOR:
        raise ValueError(
            f"the predictions look {factor:.2g} times as large as the truth; give pixels of the "
            "same images that the truth was labelled in"
        )


def check_detections(detections: Detections, truth: People) -> None:
    """Refuse poses that cannot be scored against the truth.

    Raises:
        ValueError: There is nobody, K differs, an image is unknown, or an image has the very same
            pose twice.
    """
    if not len(truth):
        raise ValueError("the truth holds nobody; give one with people")
    if not len(detections):
        raise ValueError("there are no poses; give a file with at least one")
    _check_k(detections.keypoints, truth)
    names = detections.image_ids.tolist()
    images = set(truth.image_names.tolist())
    unknown = sorted(set(names) - images)
    if unknown:
        raise ValueError(
            f"the poses are in {len(unknown)} images that the truth does not have "
            f"({_listed(unknown)}), which has images such as {_listed(sorted(images))}; give poses "
            "of the truth's images"
        )
    met: set[tuple[str, bytes]] = set()
    for name, pose in zip(names, np.ascontiguousarray(detections.keypoints), strict=True):
        key = name, pose.tobytes()
        if key in met:
            raise ValueError(
                f"image {name} has the very same pose twice; keep one, since the other counts as "
                "a false alarm"
            )
        met.add(key)


def _must_be_predicted(truth: People) -> NDArray[np.bool_]:
    labelled: NDArray[np.bool_] = np.any(truth.visible > 0, axis=-1)
    return np.logical_and(labelled, ~truth.crowd) if len(truth.crowd) else labelled


def _check_k(keypoints: Floats, truth: People) -> None:
    theirs, ours = keypoints.shape[1], truth.keypoints.shape[1]
    if theirs != ours:
        raise ValueError(
            f"predictions have {theirs} keypoints, truth {ours}: they are for another skeleton; "
            "give predictions of the truth's keypoints"
        )


def _check_repeats(what: str, ids: NDArray[np.str_]) -> None:
    if len(set(ids.tolist())) == len(ids):
        return
    names, counts = np.unique(ids, return_counts=True)
    repeated = names[counts > 1]
    raise ValueError(
        f"{len(repeated)} ids repeat in the {what} ({_listed(repeated)}); each person needs an id "
        "of its own"
    )


def _listed(names: NDArray[np.str_] | list[str]) -> str:
    return ", ".join([*map(str, names[:SHOWN]), *(["..."] if len(names) > SHOWN else [])])


def _check_fractions(predicted: Floats, true: Floats) -> None:
    """Refuse points (M, 2) most of which are within a pixel of the corner, unlike the truth's."""
    near = np.abs(predicted) <= 1
    if predicted.any() and near.mean() > 0.5 > (np.abs(true) <= 1).mean():
        raise ValueError(
            "the predictions look like parts of an image, most of them between 0 and 1; multiply x "
            "by its width and y by its height"
        )


def _centered(points: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Return (N, K, 2) shapes about the mean of their usable points, 0 where not usable."""
    weights = usable[..., None]
    kept = np.where(weights, points, np.float32(0))
    means = kept.sum(axis=1, keepdims=True) / np.maximum(weights.sum(axis=1, keepdims=True), 1)
    return np.where(weights, kept - means, np.float32(0))


def _norm(shapes: Floats) -> Floats:
    lengths: Floats = np.sqrt(np.einsum("nkd,nkd->n", shapes, shapes))
    return lengths


def _correlation(shapes: Floats, others: Floats) -> Floats:
    """Return (N,) how alike shapes are at any scale, 1 for the same and 0 for a point."""
    product = np.einsum("nkd,nkd->n", shapes, others)
    lengths = _norm(shapes) * _norm(others)
    alike: Floats = np.divide(product, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return alike
