"""A profile as a folder: JSON, CSV, a page, and a TensorBoard log."""

from pathlib import Path

from poseforge.profiling.outputs.files import write_csv, write_json
from poseforge.profiling.outputs.page import write_page
from poseforge.profiling.outputs.tensorboard import write_tensorboard
from poseforge.profiling.record import Profile


def write_folder(profile: Profile, folder: Path, *, trace: Path | None = None) -> None:
    """Write `profile.json`, `layers.csv`, `profile.html` and the log directory `tensorboard`.

    Args:
        profile: What was measured.
        folder: Where to; older files of the same names are replaced.
        trace: A Chrome trace by `torch.profiler` for TensorBoard.

    Raises:
        OSError: The folder cannot be written, or the trace not be read.
    """
    write_json(profile, folder / "profile.json")
    write_csv(profile, folder / "layers.csv")
    write_page(profile, folder / "profile.html")
    write_tensorboard(profile, folder / "tensorboard", trace=trace)
