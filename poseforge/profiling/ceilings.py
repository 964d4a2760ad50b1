"""What the machine reaches at most: arithmetic, memory and launches, measured and kept."""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F
from torch.utils import collect_env

from poseforge.engine.manifest import cpu_model
from poseforge.files import write_text
from poseforge.models.device import DTYPES, Amp
from poseforge.profiling.record import Ceilings

_REPEATS, _FEWEST = 30, 3  # of which the fastest counts
_AT_LEAST_S, _AT_MOST_S = 5e-4, 0.3  # of one timing, of all repeats
_LONG_S = 3e-3  # of a call
_COPIED_BYTES = {"cpu": 2**26, "cuda": 2**29}


def measured_ceilings(
    device: torch.device,
    amp: Amp | None,
    *,
    channels_last: bool,
    again: bool = True,
    cache: Path | None = None,
) -> Ceilings:
    """Return the highest ceilings of a device that were ever measured, now included.

    Other programs that are at work can only lower them.

    Arithmetic is that of the fastest of a large matrix product and a large 3 × 3 convolution in the
    precision and layout; memory that of a copy far larger than the processor's caches; a launch is
    an addition of single numbers in a long row of such. They are kept for each device, driver,
    version of torch and number of threads.

    Args:
        device: Which.
        amp: Precision; None is float32.
        channels_last: Layout of the convolution.
        again: Whether to measure though they were measured before.
        cache: Where they are kept; None is `poseforge/ceilings.json` in the user's cache folder.
    """
    cache = cache or _cache_file()
    key = "; ".join([*_machine(device), amp or "fp32", "channels-last" if channels_last else ""])
    kept = _read(cache).get(key)
    if kept is not None and not again:
        return Ceilings(**kept)
    found = _measure(device, amp, channels_last=channels_last)
    if kept is not None:
        found = _higher(found, Ceilings(**kept))
    write_text(cache, json.dumps({**_read(cache), key: vars(found)}, indent=1) + "\n")
    return found


def _higher(one: Ceilings, other: Ceilings) -> Ceilings:
    faster = one if one.flops_per_s >= other.flops_per_s else other
    return Ceilings(
        faster.flops_per_s,
        max(one.bytes_per_s, other.bytes_per_s),
        min(one.launch_s, other.launch_s),
        faster.arithmetic,
    )


def _measure(device: torch.device, amp: Amp | None, *, channels_last: bool) -> Ceilings:
    dtype = DTYPES[amp] if amp else torch.float32
    layout = torch.channels_last if channels_last else torch.contiguous_format
    with torch.inference_mode(), torch.backends.cudnn.flags(benchmark=True):
        flops_per_s, name = max(
            *_rates(device, _products(device, dtype)),
            *_rates(device, _convolutions(device, dtype, layout)),
        )
        source = torch.ones(_COPIED_BYTES[device.type], dtype=torch.uint8, device=device)
        target = torch.empty_like(source)
        copied = 2 * source.numel() / _fastest_s(lambda: target.copy_(source), device)
        number = torch.ones(1, device=device)
        launch = _fastest_s(lambda: number.add_(1), device, wait=False)
    return Ceilings(flops_per_s, copied, launch, name)


@dataclass(frozen=True)
class _Work:
    name: str
    flops: int
    call: Callable[[], object]


def _products(device: torch.device, dtype: torch.dtype) -> Iterator[_Work]:
    """Give products of larger and larger square matrices."""
    for side in (256, 512, 1024, 2048, 4096, 8192, 16384):
        a, b = torch.randn(2, side, side, device=device, dtype=dtype)
        yield _Work(f"matrix product {side} × {side}", 2 * side**3, partial(torch.matmul, a, b))


def _convolutions(
    device: torch.device, dtype: torch.dtype, layout: torch.memory_format
) -> Iterator[_Work]:
    """Give 3 × 3 convolutions of more and more channels and images of 32 × 32 cells."""
    for batch, channels in ((1, 64), (1, 128), (4, 128), (8, 256), (32, 256), (128, 256)):
        image = torch.randn(batch, channels, 32, 32, device=device, dtype=dtype)
        weight = torch.randn(channels, channels, 3, 3, device=device, dtype=dtype)
        image, weight = (x.contiguous(memory_format=layout) for x in (image, weight))
        call = partial(F.conv2d, image, weight, padding=1)
        flops = 2 * batch * 9 * (32 * channels) ** 2
        yield _Work(f"3 × 3 convolution of {channels} channels", flops, call)


def _rates(device: torch.device, works: Iterator[_Work]) -> Iterator[tuple[float, str]]:
    """Give the operations a second of works, up to the first that is long enough to be judged by.

    It is no longer than need be: the fastest call is one that no other program came in between.
    """
    for work in works:
        seconds = _fastest_s(work.call, device)
        yield work.flops / seconds, work.name
        if seconds > _LONG_S:
            return


def _fastest_s(work: Callable[[], object], device: torch.device, *, wait: bool = True) -> float:
    """Return the seconds of a call at the best of several repeats.

    Args:
        work: What is called, often enough that a timing is no shorter than half a millisecond.
        device: Where it runs.
        wait: Whether the device's work counts, or the host's alone.
    """
    calls, spent = 1, 0.0
    times: list[float] = []
    while len(times) < _REPEATS and (spent < _AT_MOST_S or len(times) < _FEWEST):
        _finish(device)
        start = time.perf_counter()
        for _ in range(calls):
            work()
        if wait:
            _finish(device)
        taken = time.perf_counter() - start
        spent += taken
        if taken < _AT_LEAST_S and not times:
            calls *= 2
        else:
            times.append(taken / calls)
    return min(times)


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _machine(device: torch.device) -> list[str]:
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        driver = collect_env.get_nvidia_driver_version(collect_env.run)
        tf32 = "TF32" if torch.backends.cuda.matmul.allow_tf32 else "no TF32"
        return [name, f"driver {driver}", f"torch {torch.__version__}", tf32]
    return [cpu_model(), f"torch {torch.__version__}", f"{torch.get_num_threads()} threads"]


def _cache_file() -> Path:
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "poseforge" / "ceilings.json"


def _read(cache: Path) -> dict[str, dict[str, Any]]:
    try:
        kept = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or half of it
        return {}
    return kept if isinstance(kept, dict) else {}
