"""What stands in a pack's folder: a manifest, the people, and shards of their crops.

`manifest.json` is written last. It says of what, how and by what the pack was made, and holds a
digest of each other file: `people.npz`, where they differ `truth.npz`, and `*.crops`.
"""

from pathlib import Path
from typing import Any

from poseforge.datasets.root import VARIABLE, DataNotFoundError
from poseforge.formats.reading import read_json

VERSION = 1
MANIFEST, PEOPLE, TRUTH = "manifest.json", "people.npz", "truth.npz"
SHARD = "{:03d}.crops"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a finished pack's manifest says.

    Raises:
        DataNotFoundError: There is no pack, or none that is finished.
        ValueError: The manifest is damaged or of a later version.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise DataNotFoundError(_absence(folder))
    manifest = read_json(path)
    try:
        check_version(path, manifest["version"])
        is_complete = (
            isinstance(manifest["shards"], dict)
            and isinstance(manifest["pack"], str)
            and PEOPLE in manifest["annotations"]
        )
    except (TypeError, KeyError):
        is_complete = False
    if not is_complete:
        raise ValueError(f"{path} is no manifest of a pack; copy it again, or pack anew")
    found: dict[str, Any] = manifest
    return found


def check_version(path: Path, version: object) -> None:
    """Refuse a file of a format that is not known.

    Raises:
        ValueError: It is of another version.
    """
    if version != VERSION:
        raise ValueError(
            f"{path} is of version {version} of packs, and this PoseForge reads version {VERSION}; "
            "use the PoseForge that made it, or pack anew"
        )


def _absence(folder: Path) -> str:
    if (folder / SHARD.format(0)).exists():
        return f"the pack {folder} is not finished; run the same `poseforge data pack` again"
    there = sorted(path.parent.name for path in folder.parent.glob(f"*/{MANIFEST}"))
    return (
        f"there is no pack {folder} (beside it: {', '.join(there) or 'none'}); make it by "
        f"`poseforge data pack`, or set folder, data_root or {VARIABLE} to where it is"
    )
