"""Generated people: a data set that needs no files."""

from poseforge.datasets.synthetic.dataset import SyntheticPeople

__all__ = ["SyntheticPeople"]
