"""A checkpoint's weights as a file that is small enough to be carried."""

from pathlib import Path

from poseforge.engine.checkpoint import write_checkpoint
from poseforge.engine.rounding import rounded
from poseforge.inference.checkpoint_model import load_model
from poseforge.models.checkpoints import read_checkpoint

LIMIT_MB = 16.0


def carry_weights(checkpoint: Path, path: Path, *, limit_mb: float = LIMIT_MB) -> str:
    """Write the weights without what resuming needs; in half precision where that is needed.

    Half precision is that of `poseforge publish`: kernels and matrices, not biases and what
    normalises.

    Args:
        checkpoint: Where they are.
        path: The file; there is none afterwards where even half precision is too large.
        limit_mb: The most 10^6 bytes that it may have.

    Returns:
        What was done, in words.
    """
    state = read_checkpoint(checkpoint)
    state.pop("training", None)
    path.unlink(missing_ok=True)
    write_checkpoint(state, path)
    if (size := path.stat().st_size / 1e6) <= limit_mb:
        return f"the weights are {checkpoint.name}, {size:.1f} MB"
    half = {**state, "state_dict": rounded(load_model(checkpoint).estimator)}
    write_checkpoint(half, path)
    if (size := path.stat().st_size / 1e6) <= limit_mb:
        return f"the weights are {checkpoint.name}, kernels in half precision, {size:.1f} MB"
    path.unlink()
    return (
        f"the weights are {checkpoint.name}; they are not kept: in half precision they have "
        f"{size:.1f} MB, and {limit_mb:g} can be carried"
    )
