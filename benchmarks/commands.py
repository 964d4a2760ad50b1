"""Run the repository's commands, with or without a limit of time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
STOPPED = (128 + signal.SIGTERM, -signal.SIGTERM)  # the latter before or after its iterations


def run(*command: str) -> None:
    """Run a Python command of the repository to its end.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    print("$ python", *command, flush=True)
    subprocess.run([sys.executable, *command], check=True, env=_environment(), cwd=ROOT)


def run_for(command: Sequence[str], seconds: float, *, patience_s: float = 120) -> bool:
    """Run a training, asking it to save and stop when its time is over.

    Args:
        command: For Python.
        seconds: How long it may train.
        patience_s: How long it may take to save.

    Returns:
        Whether it ended by itself.

    Raises:
        subprocess.CalledProcessError: It failed, or did not save in time.
    """
    print("$ python", *command, flush=True)
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, *command], env=_environment(), cwd=ROOT)
    try:
        status = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
    print(f"trained for {time.monotonic() - start:.0f} s, start and validations included")
    if status not in (0, *STOPPED):
        raise subprocess.CalledProcessError(status, [sys.executable, *command])
    return status == 0


def _environment() -> dict[str, str]:
    """Return the environment in which commands find the package, installed or not."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
