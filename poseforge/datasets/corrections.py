"""Files of corrections: whose labels are to be mirrored, and who is to be left out of training."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from poseforge.datasets.base import PoseDataset
from poseforge.files import write_text
from poseforge.formats.reading import read_json
from poseforge.structures import People

VERSION = 1
Action = Literal["mirror", "drop"]
ACTIONS: tuple[Action, ...] = get_args(Action)
# Of a person, what is to be done ("do") and the numbers that decided.
Correction = Mapping[str, Any]


def labels_digest(people: People) -> str:
    """Return a digest of who is labelled how, whatever the images come from.

    It is the same of a data set, of its regions in a cache, and of its packed crops.
    """
    digest = hashlib.sha256("\n".join(people.ids.tolist()).encode())
    digest.update(people.keypoints.astype("<f4").tobytes())
    digest.update(people.visible.astype("<f4").tobytes())
    return digest.hexdigest()


def write_corrections(
    path: Path,
    corrections: Mapping[str, tuple[PoseDataset, Mapping[str, Correction]]],
    *,
    origin: Mapping[str, Any],
) -> None:
    """Write a file of corrections.

    Args:
        path: The file.
        corrections: Data sets by name, each with what is to be done by a person's id.
        origin: Who found them by which rule, in plain types.

    Raises:
        OSError: It cannot be written.
    """
    data = {
        name: {
            "fingerprint": labels_digest(dataset.people),
            "people": len(dataset),
            "corrections": dict(found),
        }
        for name, (dataset, found) in corrections.items()
    }
    content = {"version": VERSION, **origin, "data": data}
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def read_corrections(path: Path, dataset: PoseDataset) -> dict[str, Action]:
    """Return what is to be done with a data set's people, by id; nothing with those not named.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no file of corrections, of a later version, or of other labels.
    """
    content = read_json(path)
    try:
        version = content["version"]
        parts = {
            name: (part["fingerprint"], part["corrections"])
            for name, part in content["data"].items()
        }
        fingerprint, corrections = parts.get(dataset.name, ("", {}))
        found = {person: correction["do"] for person, correction in corrections.items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise _no_corrections(path) from error
    if version != VERSION:
        raise ValueError(
            f"{path} is of version {version} of corrections, and this PoseForge reads version "
            f"{VERSION}; make it anew by `poseforge data sides`"
        )
    if not set(found.values()) <= set(ACTIONS):
        raise _no_corrections(path)
    if fingerprint != labels_digest(dataset.people):
        others = ", ".join(parts) or "nothing"
        what = "other labels than the data set's" if fingerprint else f"{others} only"
        raise ValueError(
            f"{path} corrects {what} and cannot be used for {dataset.name}; make it anew by "
            "`poseforge data sides`"
        )
    return found


def _no_corrections(path: Path) -> ValueError:
    return ValueError(f"{path} is no file of corrections; make one by `poseforge data sides`")
