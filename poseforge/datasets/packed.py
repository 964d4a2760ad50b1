import hashlib
import mmap
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.crop_shards import Shard, digest_of_crop, read_shard
from poseforge.datasets.pack_manifest import MANIFEST, PEOPLE, TRUTH, read_manifest
from poseforge.datasets.regions import moved
from poseforge.datasets.root import data_folder
from poseforge.formats.truth import Truth, read_truth
from poseforge.registry import DATASETS
from poseforge.structures import People, Sample


@DATASETS.register_module()
class PackedCrops(PoseDataset):
    """People that `poseforge data pack` has put into few files, as if from their own data set.

    Annotations, predictions and scores are in the original images' pixels. The crops are decoded
    when they are asked for, out of files that all processes map; each is checked by its digest.

    Args:
        part: What was packed, as its data set is called: "lsp_test".
        folder: The folder of all parts, counted from the folder of all data sets.
        data_root: The folder of all data sets; None for $POSEFORGE_DATA or ./data.

    Attributes:
        manifest: Of what and how the part was made.

    Raises:
        DataNotFoundError: There is no such pack.
        FileNotFoundError: A file of it is missing.
        ValueError: A file is damaged, of another pack or of a later version.
    """

    def __init__(
        self, part: str, *, folder: str | Path = "packed", data_root: str | Path | None = None
    ) -> None:
        self.root = data_folder(data_root) / Path(folder).expanduser() / part
        self.manifest = read_manifest(self.root)
        said = self._read_people(PEOPLE)
        self.name, self.skeleton, self.protocol = said.name, said.skeleton, said.protocol
        self.people = said.people
        has_more = TRUTH in self.manifest["annotations"]
        self._truth = self._read_people(TRUTH).people if has_more else self.people
        self._shards = [self._read_shard(name) for name in self.manifest["shards"]]
        self._rows = np.concatenate([shard.rows for shard in self._shards])
        counts = [len(shard.rows) for shard in self._shards]
        self._shard_of = np.repeat(np.arange(len(counts)), counts)
        if len(self._rows) != len(self.people):
            raise ValueError(
                f"{self.root} has {len(self._rows)} crops of {len(self.people)} people; copy all "
                "of the pack again, or pack anew"
            )

    @property
    def truth(self) -> People:
        """Everyone who is to be found, as the packed data set knew them."""
        return self._truth

    def __getitem__(self, index: int) -> Sample:
        row, people = self._rows[index], self.people
        image = self._decode(index)
        sample: Sample = {
            "keypoints": people.keypoints[index],
            "visible": people.visible[index],
            "box": people.boxes[index],
        }
        return moved(sample, image, row["matrix"])

    def fingerprint(self) -> str:
        """Return a digest of the manifest, which holds those of all crops and annotations."""
        return hashlib.sha256((self.root / MANIFEST).read_bytes()).hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        """Leave the mappings out, which a process that is not forked makes anew."""
        return {name: value for name, value in vars(self).items() if name != "_mapped"}

    @cached_property
    def _mapped(self) -> list[NDArray[np.uint8]]:
        """The shards' JPEGs."""
        return [_map(shard) for shard in self._shards]

    def _decode(self, index: int) -> NDArray[np.uint8]:
        row, shard = self._rows[index], self._shard_of[index]
        start = int(row["offset"])
        jpeg = self._mapped[shard][start : start + int(row["bytes"])]
        is_sound = digest_of_crop(row["matrix"], jpeg.data) == row["digest"].tobytes()
        image = cv2.imdecode(jpeg, cv2.IMREAD_COLOR_RGB) if is_sound else None
        if image is None:
            raise ValueError(
                f"the crop of {self.people.ids[index]} in {self._shards[shard].path} is damaged; "
                "copy the file again, or pack anew"
            )
        return np.asarray(image, np.uint8)

    def _read_people(self, name: str) -> Truth:
        path = self.root / name
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; copy all files of the pack")
        if hashlib.sha256(path.read_bytes()).hexdigest() != self.manifest["annotations"][name]:
            raise _not_of_it(path)
        return read_truth(path)

    def _read_shard(self, name: str) -> Shard:
        shard = read_shard(self.root / name)
        if shard.digest != self.manifest["shards"][name]:
            raise _not_of_it(shard.path)
        return shard


def _not_of_it(path: Path) -> ValueError:
    return ValueError(
        f"{path} is damaged or of another pack than {MANIFEST} beside it; copy all files of the "
        "pack again, or pack anew"
    )


def _map(shard: Shard) -> NDArray[np.uint8]:
    with shard.path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, np.uint8)[shard.start :]
