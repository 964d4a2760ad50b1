"""PoseForge's data side, to be timed: `python -m benchmarks.poseforge_data FOLDER`.

The folder's `data.json` says which COCO files and images.
"""

import itertools
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import torch

from benchmarks.timed_calls import Case, serve
from poseforge.codecs import Heatmap
from poseforge.datasets import CachedRegions, CocoStyle, PoseDataset, SampleStream, collate
from poseforge.structures import affine
from poseforge.transforms import Flip, HalfBody, RandomCrop, Read, Transform, io, read_image

SIZE, BATCH = (192, 256), 64
CODEC = Heatmap(input_size=SIZE, stride=4, sigma_px=8.0)
AHEAD = HalfBody("coco17", 0.3)
# The ranges of MMPose's RandomBBoxTransform, whose draws lie nearer to their middles.
AFTER = (RandomCrop(SIZE, scale=(0.67, 2.0), rotate_deg=40, shift=0.1), Flip("coco17"))


@dataclass(frozen=True)
class Material:
    """People, and the same people with their regions cached.

    Attributes:
        people: Read from image files.
        cached: Read from the cache.
        epochs: Numbers that no pass has had, so that each draws anew.
    """

    people: PoseDataset
    cached: PoseDataset
    epochs: "itertools.count[int]"


def order(people: PoseDataset) -> list[int]:
    """Return everyone so that people of one image are far apart, as in training.

    One after the other they would share what is decoded.
    """
    _, images, counts = np.unique(
        people.people.image_paths, return_inverse=True, return_counts=True
    )
    earlier = np.array(
        [np.count_nonzero(images[:row] == image) for row, image in enumerate(images)]
    )
    return np.argsort((earlier + 0.5) / counts[images], kind="stable").tolist()


def samples(
    transforms: Sequence[Transform], *, cached: bool = False, reduced: bool = True
) -> Case[Material]:
    """Return a pass that makes every sample once, as a worker does.

    Args:
        transforms: What samples go through.
        cached: Whether pictures come from the cache.
        reduced: Whether JPEGs may be read at a reduced scale.
    """
    factors = io.REDUCTIONS if reduced else {1: io.REDUCTIONS[1]}

    def one_pass(material: Material) -> list[float]:
        people = material.cached if cached else material.people
        stream, epoch = SampleStream(people, transforms), next(material.epochs)
        with patch.dict(io.REDUCTIONS, factors, clear=True):
            for index in order(people):
                stream[epoch, index]
        return [len(people)]

    return one_pass


def with_heatmaps(material: Material) -> list[float]:
    """Make every sample, stack batches and encode their targets, which a run leaves to the GPU."""
    stream, epoch = SampleStream(material.people, [AHEAD, *AFTER]), next(material.epochs)
    rows = order(material.people)
    for start in range(0, len(rows), BATCH):
        batch = collate([stream[epoch, row] for row in rows[start : start + BATCH]])
        CODEC.encode(batch["keypoints"], batch["visible"])
    return [len(stream)]


def floor(material: Material) -> list[float]:
    """Decode each person's image and warp it once: what no CPU pipeline can leave out."""
    people = material.people.people
    for path, box in zip(people.image_paths, people.boxes, strict=True):
        matrix = affine.crop_matrix((box[:2] + box[2:]) / 2, box[2:] - box[:2], SIZE)
        cv2.warpAffine(read_image(path), matrix, SIZE, flags=cv2.INTER_LINEAR)
    return [len(people)]


CASES = {
    "samples, images decoded whole": samples([AHEAD, Read(), *AFTER]),
    "samples, none read reduced": samples([AHEAD, *AFTER], reduced=False),
    "samples": samples([AHEAD, *AFTER]),
    "samples from the cache": samples([AHEAD, *AFTER], cached=True),
    "samples, stacked, and their heatmaps": with_heatmaps,
    "JPEG decode and one warp alone": floor,
}


def read_material(folder: Path, name: str, files: dict[str, str]) -> Material:
    """Return the people of a COCO file, and their cache in the folder."""
    people = CocoStyle(files["annotations"], files["images"], skeleton="coco17")
    return Material(people, CachedRegions(people, folder / f"{name}.regions"), itertools.count())


if __name__ == "__main__":
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    data = json.loads((folder / "data.json").read_text())
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "torch": torch.__version__,
    }
    serve(
        CASES, {name: read_material(folder, name, files) for name, files in data.items()}, versions
    )
