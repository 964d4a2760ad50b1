"""The largest batch that fits into memory."""

from collections.abc import Callable
from pathlib import Path

import torch

from poseforge.profiling.subject import Subject

Make = Callable[[int], Subject]
MOST = 65_536


class DoesNotFitError(ValueError):
    """A step needs more memory than there is."""


def largest(fits: Callable[[int], bool], most: int = MOST) -> int:
    """Return the largest number that fits, by doubling and then by bisection; 0 if none does.

    Args:
        fits: Whether a number does; all below one that does do too.
        most: Where the search ends.
    """
    low, high = 0, 1
    while high <= most and fits(high):
        low, high = high, 2 * high
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def largest_batch(make: Make, device: torch.device) -> int:
    """Return the most images whose step fits.

    On a GPU steps are tried. On a CPU, where the system would end the process, the need is worked
    out from that of one and two images, and compared with the memory that is free.

    Args:
        make: Makes the model with a batch of so many images.
        device: Where it runs.
    """
    if device.type == "cuda":
        return largest(lambda size: _runs(make, size))
    one, two = (_needed_bytes(make(size)) for size in (1, 2))
    return largest(lambda size: one + (size - 1) * max(two - one, 1) <= free_bytes())


def _runs(make: Make, size: int) -> bool:
    try:
        subject = make(size)
        for _ in range(2):  # the second has the optimizer's state
            subject.step()
        subject.finish()
    except torch.OutOfMemoryError:
        return False
    finally:
        torch.cuda.empty_cache()
    return True


def _needed_bytes(subject: Subject) -> int:
    """Return the most that a step on a CPU has in use at once."""
    subject.step()
    with torch.profiler.profile(profile_memory=True, acc_events=True) as profiler:
        subject.step()
    in_use = most = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == "[memory]":
            in_use += event.nbytes()
            most = max(most, in_use)
    return subject.standing_bytes + most


def free_bytes(meminfo: Path = Path("/proc/meminfo")) -> int:
    """Return how much memory the system can still give, from what Linux tells.

    Raises:
        ValueError: The system does not tell.
    """
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
    except OSError as error:
        raise ValueError(
            "this system does not tell how much memory is free, so the largest batch on its CPU "
            "cannot be worked out; leave --max-batch out"
        ) from error
    values = dict(line.split(":", 1) for line in lines)
    return int(values["MemAvailable"].split()[0]) * 1024
