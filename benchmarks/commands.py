"""Run the repository's commands, with or without a limit of time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
ASKED_EACH_S = 0.2
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
    start = time.monotonic()
    is_done = run_until(command, lambda: False, seconds, patience_s=patience_s)
    print(f"trained for {time.monotonic() - start:.0f} s, start and validations included")
    return is_done


def run_until(
    command: Sequence[str],
    is_enough: Callable[[], bool],
    seconds: float,
    *,
    patience_s: float = 120,
) -> bool:
    """Run a training until something holds, which is asked again and again, or time is over.

    Args:
        command: For Python.
        is_enough: What is asked.
        seconds: How long it may train at most.
        patience_s: How long it may take to save.

    Returns:
        Whether it ended by itself.

    Raises:
        subprocess.CalledProcessError: It failed, or did not save in time.
    """
    print("$ python", *command, flush=True)
    end = time.monotonic() + seconds
    process = subprocess.Popen([sys.executable, *command], env=_environment(), cwd=ROOT)
    while process.poll() is None and time.monotonic() < end and not is_enough():
        time.sleep(min(ASKED_EACH_S, max(0.0, end - time.monotonic())))
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(timeout=patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    if status not in (0, *STOPPED):
        raise subprocess.CalledProcessError(status, [sys.executable, *command])
    return status == 0


def _environment() -> dict[str, str]:
    """Return the environment in which commands find the package, installed or not."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
