"""People with images: what is trained on and tested on, and how it becomes batches."""

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.combined import Combined
from poseforge.datasets.download import ARCHIVES, DownloadError, download
from poseforge.datasets.loading import EpochSampler, SampleStream, build_loader, collate
from poseforge.datasets.lsp import LSP, LSPExtended
from poseforge.datasets.root import DataNotFoundError, data_folder, find_data_root

__all__ = [
    "ARCHIVES",
    "LSP",
    "Combined",
    "DataNotFoundError",
    "DownloadError",
    "EpochSampler",
    "LSPExtended",
    "PoseDataset",
    "SampleStream",
    "build_loader",
    "collate",
    "data_folder",
    "download",
    "find_data_root",
]
