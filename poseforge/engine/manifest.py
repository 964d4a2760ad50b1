"""The run's manifest: what code, which versions, whose data."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

import poseforge
from poseforge.datasets.base import PoseDataset
from poseforge.engine.distributed import World

PACKAGES = ("torch", "mmengine-lite", "numpy", "scipy", "opencv-python-headless")


def manifest(
    seed: int, device: torch.device, world: World, datasets: Mapping[str, PoseDataset]
) -> dict[str, Any]:
    """Return what a reader needs to repeat a run, as plain types."""
    return {
        "poseforge": poseforge.__version__,
        "commit": commit(),
        "command": sys.argv,
        "seed": seed,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "machine": {
            "system": platform.platform(),
            "cpu": cpu_model(),
            "cores": os.cpu_count(),
            "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
            "processes": world.size,
            "threads": torch.get_num_threads(),
        },
        "data": {
            role: {
                "name": data.name,
                "people": len(data),
                "protocol": data.protocol,
                "fingerprint": data.fingerprint(),
            }
            for role, data in datasets.items()
        },
    }


def training_seconds(steps: Iterable[Mapping[str, Any]], images: int) -> float:
    """Return how long the steps of a `steps.jsonl` took, validations left out.

    Args:
        steps: Its lines.
        images: Images a step, of all processes.
    """
    return float(sum(images / step["images_per_s"] for step in steps))


def command_text(arguments: Sequence[str]) -> str:
    """Return a command line without the folders of absolute paths, which say nothing elsewhere."""
    text = " ".join(["python", *arguments])
    return re.sub(r"(?<![\w.])/(?:[^/\s'\"]+/)+", "", text)


def commit() -> str | None:
    """Return the source tree's commit, with `+changes` where files differ; None outside git."""
    root = Path(poseforge.__file__).parent
    try:
        name = _git(root, "rev-parse", "HEAD").strip()
        return f"{name}+changes" if _git(root, "status", "--porcelain", "-uno") else name
    except (OSError, subprocess.CalledProcessError):
        return None


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name, or its architecture where the system does not tell."""
    if cpuinfo.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor() or platform.machine()


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
    ).stdout


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
