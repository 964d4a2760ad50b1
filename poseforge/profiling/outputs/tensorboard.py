"""A profile as a TensorBoard log: the trace for its profiler's plug-in, and the layers."""

import shutil
from pathlib import Path

from poseforge.files import replacing
from poseforge.profiling.outputs.console import ceilings, headline, sums
from poseforge.profiling.outputs.layer_table import to_markdown
from poseforge.profiling.record import Profile

TRACE = (
    "rank0.pt.trace.json"  # torch-tb-profiler takes what stands before ".pt.trace.json" as worker
)


def write_tensorboard(profile: Profile, folder: Path, *, trace: Path | None = None) -> Path:
    """Write a run that `tensorboard --logdir` shows; one of the same name is replaced.

    The plug-in is the extra `profile`. Its view of stacks needs a trace that was taken with
    `with_stack` and with `verbose` in the experimental settings.

    Args:
        profile: What was measured. Its name is the run's.
        folder: The log directory, with a folder a run.
        trace: A Chrome trace by `torch.profiler`, plain or gzipped (".gz").

    Returns:
        The run's folder.

    Raises:
        OSError: The trace cannot be read, or the log not be written.
    """
    run = folder / profile.name
    if trace is not None:
        suffix = ".gz" if trace.suffix == ".gz" else ""
        with replacing(run / f"{TRACE}{suffix}") as aside:
            shutil.copyfile(trace, aside)
        for other in {TRACE, f"{TRACE}.gz"} - {f"{TRACE}{suffix}"}:
            (run / other).unlink(missing_ok=True)
    older = list(run.glob("events.out.tfevents.*"))
    _write_events(profile, run)
    for path in older:
        path.unlink()
    return run


def _write_events(profile: Profile, run: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    step = profile.step_s.median
    words = [headline(profile), sums(profile), ceilings(profile.ceilings), *profile.notes]
    with SummaryWriter(str(run)) as board:
        board.add_text("profile/summary", "".join(f"- {line}\n" for line in words))
        board.add_text("profile/layers", to_markdown(profile))
        board.add_scalar("profile/step_ms", 1e3 * step)
        board.add_scalar("profile/images_per_s", profile.batch_size / step)
        for layer in profile.layers:
            board.add_scalar(f"own_ms/{layer.name}", 1e3 * layer.own_s.median)
