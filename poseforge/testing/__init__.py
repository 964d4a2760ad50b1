"""Contracts that built-in parts and one's own are tested with; no test framework is needed."""

from poseforge.testing.codecs import check_codec, check_flip, check_round_trip, check_unscale
from poseforge.testing.examples import example_batch
from poseforge.testing.models import check_estimator, check_head

__all__ = [
    "check_codec",
    "check_estimator",
    "check_flip",
    "check_head",
    "check_round_trip",
    "check_unscale",
    "example_batch",
]
