"""What the machine reaches at most: arithmetic, memory and launches, measured and kept."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F
from torch.utils import collect_env

from poseforge.engine.manifest import cpu_model
from poseforge.files import write_text
from poseforge.models.device import DTYPES, Amp
from poseforge.profiling.record import Ceilings

_REPEATS = 5  # of which the fastest counts
_AT_LEAST_S = 0.02  # of one timing


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
    side, cells = (8192, 64) if device.type == "cuda" else (1024, 32)
    if device.type == "cpu" and amp:  # without instructions for it, it is a hundred times slower
        side, cells = 256, 8
    layout = torch.channels_last if channels_last else torch.contiguous_format
    with torch.inference_mode(), torch.backends.cudnn.flags(benchmark=True):
        a, b = torch.randn(2, side, side, device=device, dtype=dtype)
        product = 2 * side**3 / _fastest_s(lambda: a @ b, device)
        batch, channels = (32, 256) if device.type == "cuda" else (4, 128)
        image = torch.randn(batch, channels, cells, cells, device=device, dtype=dtype)
        weight = torch.randn(channels, channels, 3, 3, device=device, dtype=dtype)
        image, weight = (x.contiguous(memory_format=layout) for x in (image, weight))
        flops = 2 * batch * 9 * (cells * channels) ** 2
        convolution = flops / _fastest_s(lambda: F.conv2d(image, weight, padding=1), device)
        source = torch.ones(_copy_bytes(device), dtype=torch.uint8, device=device)
        target = torch.empty_like(source)
        copied = 2 * source.numel() / _fastest_s(lambda: target.copy_(source), device)
        number = torch.ones(1, device=device)
        launch = _fastest_s(lambda: number.add_(1), device, wait=False)
    names = {product: f"matrix product {side} × {side}", convolution: "3 × 3 convolution"}
    fastest = max(names)
    return Ceilings(fastest, copied, launch, names[fastest])


def _copy_bytes(device: torch.device) -> int:
    return 2**29 if device.type == "cuda" else 2**26


def _fastest_s(work: Callable[[], object], device: torch.device, *, wait: bool = True) -> float:
    """Return the seconds of a call at the best of several repeats.

    Args:
        work: What is called, often enough that a timing is long.
        device: Where it runs.
        wait: Whether the device's work counts, or the host's alone.
    """
    calls = 1
    times: list[float] = []
    while len(times) < _REPEATS:
        _finish(device)
        start = time.perf_counter()
        for _ in range(calls):
            work()
        if wait:
            _finish(device)
        taken = time.perf_counter() - start
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
