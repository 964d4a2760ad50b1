"""The transform contract."""

from abc import ABC, abstractmethod

import numpy as np

from poseforge.structures import Sample


class Transform(ABC):
    """Change one sample.

    A transform never changes the sample or the arrays that it is given; it returns a new sample.
    All randomness comes from the generator, which the data side seeds by (seed, epoch, sample), so
    that a run repeats with any number of workers. A transform that moves pixels moves `keypoints`,
    `box` and `center` alike and composes its map into `matrix`.
    """

    @abstractmethod
    def __call__(self, sample: Sample, rng: np.random.Generator) -> Sample:
        """Return the changed sample."""
