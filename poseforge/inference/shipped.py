"""The model that ships with PoseForge."""

from pathlib import Path

import poseforge

NAME = "compact_lsp"
FOLDER = Path(poseforge.__file__).parent / "weights"


def shipped_model() -> Path:
    """Return the checkpoint of the model that ships; nothing is downloaded.

    Raises:
        FileNotFoundError: None ships with this version.
    """
    path = FOLDER / f"{NAME}.pth"
    if not path.is_file():
        raise FileNotFoundError(
            f"no model ships with this version of PoseForge ({poseforge.__version__}); name one "
            "with --checkpoint, such as a run's best.pth"
        )
    return path
