"""MPII's validation split of 2958 people (Tompson et al., CVPR 2015), in two files of one order.

| .h5 of the Hourglass | .mat of the evaluation            | what                     |
|----------------------|-----------------------------------|--------------------------|
| `part` (N, 16, 2)    | `pos_gt_src` (16, 2, N)           | joints, counted from 1   |
| both numbers 0       | `jnt_missing` (16, N) is 1        | not labelled             |
| `visible` (N, 16)    | not in it                         | 1 seen, 0 hidden or none |
| `normalize` (N,)     | 0.6 x diagonal of `headboxes_src` | PCKh's head size         |
| `imgname` (N,)       | not in it                         | image file               |

The .h5 file has neck and head top without their decimals. Apart from that the two agree but for 13
joints, where the .mat file has 0 for a number of the .h5 file's. The published numbers are those of
the .mat file. Who needs people by image takes the .h5 file: the other has no images' names, so that
each person is in an image of its own.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from poseforge.formats.containers import Arrays, demand
from poseforge.formats.truth.base import Truth, unpictured
from poseforge.structures import SKELETONS
from poseforge.structures.boxes import head_size

NAME = "mpii_val"
SKELETON = SKELETONS["mpii16"]
K = SKELETON.num_keypoints


def parse_hourglass(path: Path, arrays: Arrays) -> Truth:
    """Return the people of the .h5 file, called mpii/IMAGE/n for the n-th of an image from 0.

    Raises:
        ValueError: Arrays are missing, disagree in shape, or hold what is no number.
    """
    part, seen, sizes, images = demand(path, arrays, "part", "visible", "normalize", "imgname")
    count = images.size
    _check(path, [(part, (count, K, 2)), (seen, (count, K)), (sizes, (count,))])
    names = np.char.decode(images.ravel().astype(np.bytes_), "utf-8").tolist()
    met: dict[str, int] = {}
    ids = []
    for name in names:
        ids.append(f"mpii/{name}/{met.setdefault(name, 0)}")
        met[name] += 1
    people = unpictured(
        keypoints=part - 1,
        visible=np.where((part != 0).any(axis=-1), 1 + (seen > 0), 0),
        ids=np.array(ids, dtype=np.str_),
        image_ids=np.array(names, dtype=np.str_),
        head_sizes=sizes,
    )
    return Truth(NAME, SKELETON, people, _protocol(path, count))


def parse_evaluation(path: Path, arrays: Arrays) -> Truth:
    """Return the people of the .mat file in its order, called mpii_val/0001 and so on.

    Raises:
        ValueError: Arrays are missing, disagree in shape, or hold what is no number.
    """
    points, missing, heads = demand(path, arrays, "pos_gt_src", "jnt_missing", "headboxes_src")
    count = points.size // (2 * K)
    _check(path, [(points, (K, 2, count)), (missing, (K, count)), (heads, (2, 2, count))])
    people = unpictured(
        keypoints=points.transpose(2, 0, 1) - 1,
        visible=np.where(missing.T == 0, 2, 0),
        ids=np.array([f"mpii_val/{number:04d}" for number in range(1, count + 1)]),
        head_sizes=head_size(heads.reshape(4, count).T),
    )
    return Truth(NAME, SKELETON, people, _protocol(path, count))


def _protocol(path: Path, count: int) -> str:
    return f"MPII validation split, {count} people, labels of {path.name}"


def _check(path: Path, arrays: list[tuple[NDArray[Any], tuple[int, ...]]]) -> None:
    found = [array.shape for array, _ in arrays]
    wanted = [shape for _, shape in arrays]
    if found != wanted:
        raise ValueError(
            f"{path} has arrays of the shapes {', '.join(map(str, found))}, but they should be "
            f"{', '.join(map(str, wanted))}; get the file anew"
        )
    if not all(array.dtype.kind in "fiub" and np.isfinite(array).all() for array, _ in arrays):
        raise ValueError(f"{path} has labels that are no numbers; get the file anew")
