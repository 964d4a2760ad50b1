"""People with images: what is trained on and tested on, and how it becomes batches."""

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.cached import CachedRegions
from poseforge.datasets.coco import CocoKeypoints, CocoStyle
from poseforge.datasets.combined import Combined
from poseforge.datasets.corrected import Corrected
from poseforge.datasets.flic import FLIC
from poseforge.datasets.loading import EpochSampler, SampleStream, build_loader, collate
from poseforge.datasets.lsp import LSP, LSPExtended
from poseforge.datasets.mpii import MPII
from poseforge.datasets.packed import PackedCrops
from poseforge.datasets.root import DataNotFoundError, data_folder, find_data_root
from poseforge.datasets.scenes import Scenes
from poseforge.datasets.synthetic import SyntheticPeople, SyntheticScenes

__all__ = [
    "FLIC",
    "LSP",
    "MPII",
    "CachedRegions",
    "CocoKeypoints",
    "CocoStyle",
    "Combined",
    "Corrected",
    "DataNotFoundError",
    "EpochSampler",
    "LSPExtended",
    "PackedCrops",
    "PoseDataset",
    "SampleStream",
    "Scenes",
    "SyntheticPeople",
    "SyntheticScenes",
    "build_loader",
    "collate",
    "data_folder",
    "find_data_root",
]
