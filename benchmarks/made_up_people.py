"""People and predictions for metrics to be timed on: random, but the same everywhere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def made_up(people: int, keypoints: int, people_per_image: int) -> Arrays:
    """Return arrays named as the fields of `People`, and the predictions `predicted`, `scores`.

    A tenth of the joints is not labelled. Errors are exponential, 0.3 head sizes on average, and
    never within 0.001 of a multiple of 0.01 head sizes: there a distance that is rounded to 32 bits
    would be a hit for one library and a miss for another. Scores are
    multiples of 1 / 65536, whose sums are exact in 32 bits: a mean ranks people alike in whatever
    order it is summed. All are above 0.2, below which MMPose leaves a joint out of that mean.
    """
    rng = np.random.default_rng(people)
    heights = rng.uniform(100, 400, people)
    sides = np.stack([0.5 * heights, heights], axis=-1)
    corners = rng.uniform(0, 1000, (people, 2))
    shape = people, keypoints
    truth = corners[:, None] + rng.uniform(size=(*shape, 2)) * sides[:, None]
    visible = rng.choice([0, 1, 2], p=[0.1, 0.15, 0.75], size=shape)
    head_sizes = 0.15 * heights
    steps = np.floor(rng.exponential(30, shape)) + rng.uniform(0.1, 0.9, shape)
    lengths = 0.01 * steps * head_sizes[:, None]
    angles = rng.uniform(0, 2 * np.pi, shape)
    offsets = lengths[..., None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    numbers = {
        "keypoints": np.where(visible[..., None] > 0, truth, 0),
        "visible": visible,
        "boxes": np.hstack([corners, corners + sides]),
        "areas": 0.5 * sides.prod(axis=-1),
        "head_sizes": head_sizes,
        "predicted": truth + offsets,
        "scores": rng.integers(2**14, 2**16, shape) / 2**16,
    }
    ids = [f"{image:06d}" for image in np.arange(people) // people_per_image]
    return {
        **{name: values.astype(np.float32) for name, values in numbers.items()},
        "ids": np.array([str(person) for person in range(people)]),
        "image_ids": np.array(ids),
    }
