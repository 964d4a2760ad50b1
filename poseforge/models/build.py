"""From a config's `model` to a model."""

from collections.abc import Mapping
from typing import Any

from poseforge.models.estimators.base import Estimator
from poseforge.registry import ESTIMATORS


def build_estimator(cfg: Mapping[str, Any]) -> Estimator:
    """Build the estimator that a config's `model` describes, with freshly drawn weights.

    Raises:
        ValueError: The description has a mistake; the message says which.
    """
    estimator: Estimator = ESTIMATORS.build(cfg)
    return estimator
