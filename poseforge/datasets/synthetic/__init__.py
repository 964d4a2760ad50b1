"""Generated people: a data set that needs no files."""

from poseforge.datasets.synthetic.dataset import SyntheticPeople
from poseforge.datasets.synthetic.scenes import SyntheticScenes

__all__ = ["SyntheticPeople", "SyntheticScenes"]
