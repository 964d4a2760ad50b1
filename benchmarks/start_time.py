"""How long the commands take to start: the quickstart to its first iteration, `--help`, `list`.

    python -m benchmarks.start_time [--mmpose-python mmpose-venv/bin/python]

Each command is a process of its own and is timed from its start to its end; the training ends when
its first iteration is done (`first_iteration.py`). Commands alternate with `import torch` alone,
which no training of torch's starts without. The first round, which reads the files from the disk,
does not count. Processor time is that of the command's own process. MMPose's training is that of
`mmpose_first_iteration.py`, by MMPose's own `tools/train.py`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.made_up_photographs import coco_photographs
from benchmarks.mmpose_first_iteration import write_config
from benchmarks.speed_script import options_parser, publish
from poseforge.profiling.result_file import Measurement, measurement, ratio

ROOT = Path(__file__).parents[1]
TORCH, FIRST = "import torch", "tools/train.py configs/quickstart.py to its first iteration"
HELP, LIST = "tools/train.py --help", "poseforge list"
THEIRS = "MMPose's tools/train.py to its first iteration"
TRAIN = [
    "tools/train.py", "configs/quickstart.py", "--device", "cpu", "--cfg-options",
    "custom_hooks=[{'type': 'benchmarks.first_iteration.Finish'}]",
]  # fmt: skip
SMALLER = ["train_dataloader.dataset.num_people=64", "train_dataloader.num_workers=0"]
MOST_RATIO, MOST_SECONDS, LEAST_FASTER = 2.0, 1.0, 2.0  # what is promised
PACKAGE = "import mmpose, sys; sys.stdout.write(mmpose.__path__[0])"
CLOCKS = ("wall", "processor")


def commands(folder: Path, mmpose_python: str | None, *, tiny: bool) -> dict[str, list[str]]:
    """Return what is timed, by name.

    Args:
        folder: What is written goes there.
        mmpose_python: The Python of an environment with MMPose; None leaves it out.
        tiny: Whether it is a trial.

    Raises:
        RuntimeError: That Python has no MMPose.
    """
    python = sys.executable
    ours = {
        TORCH: [python, "-c", "import torch"],
        FIRST: [python, *TRAIN, *(SMALLER if tiny else ()), f"work_dir='{folder / 'run'}'"],
        HELP: [python, "tools/train.py", "--help"],
        LIST: [python, "-m", "poseforge.cli.main", "list"],
    }
    if mmpose_python is None:
        return ours
    found = subprocess.run([mmpose_python, "-c", PACKAGE], capture_output=True, text=True)
    if found.returncode:
        raise RuntimeError(f"{mmpose_python} cannot import mmpose; give one that can")
    data = coco_photographs(16, folder)
    theirs = write_config(Path(found.stdout), data, folder / "mmpose.py")
    return {**ours, THEIRS: [mmpose_python, *theirs]}


def seconds(command: Sequence[str]) -> tuple[float, float]:
    """Run a command and return its wall and processor seconds.

    Raises:
        RuntimeError: It failed; the message is what it wrote last.
    """
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        _end_group(process.pid)
        if process.returncode:
            said.seek(0)
            lines = said.read().strip().splitlines() or ["it said nothing"]
            raise RuntimeError(f"{' '.join(command)}: {lines[-1]}")
    return took, used.ru_utime + used.ru_stime


def _end_group(leader: int) -> None:
    """End the workers that a process has left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def measure(rounds: int, mmpose_python: str | None, *, tiny: bool) -> list[Measurement]:
    """Time all commands in turn, and return seconds and ratios by both clocks."""
    with tempfile.TemporaryDirectory() as name:
        chosen = commands(Path(name), mmpose_python, tiny=tiny)
        times = [{key: seconds(command) for key, command in chosen.items()} for _ in range(rounds)]
    items = []
    for number, clock in enumerate(CLOCKS):
        found = {
            key: measurement(f"{key}, {clock} time", "s", [took[key][number] for took in times[1:]])
            for key in chosen
        }
        items += found.values()
        pairs = [(FIRST, TORCH), *([(THEIRS, FIRST)] if THEIRS in found else [])]
        items += [ratio(f"{a} ÷ {b}, {clock} time", found[a], found[b]) for a, b in pairs]
    return items


def floors(measurements: Sequence[Measurement]) -> list[str]:
    """Say of each promise whether it is kept."""
    medians = {item["name"]: item["median"] for item in measurements}
    promises = (
        (f"{FIRST} ÷ {TORCH}, wall time", MOST_RATIO, "×"),
        (f"{HELP}, wall time", MOST_SECONDS, "s"),
        (f"{LIST}, wall time", MOST_SECONDS, "s"),
    )
    lines = [
        f"{name}, at most {most:g} {unit}: {medians[name]:.2f} {unit}, "
        f"{'kept' if medians[name] <= most else 'NOT KEPT'}"
        for name, most, unit in promises
    ]
    faster = medians.get(name := f"{THEIRS} ÷ {FIRST}, wall time")
    if faster is not None:
        verdict = "kept" if faster >= LEAST_FASTER else "NOT KEPT"
        lines.append(f"{name}, at least {LEAST_FASTER:g} ×: {faster:.2f} ×, {verdict}")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = options_parser("Measure how long the commands take to start.")
    parser.add_argument("--rounds", type=int, default=9, help="timings of each command")
    parser.add_argument("--mmpose-python", help="the Python of an environment with MMPose")
    options = parser.parse_args(arguments)
    rounds = 1 if options.tiny else options.rounds
    try:
        measurements = measure(rounds + 1, options.mmpose_python, tiny=options.tiny)
    except (OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    settings = {"rounds": rounds}
    publish("start_time", options, measurements, settings=settings, notes=floors(measurements))
    return 0


if __name__ == "__main__":
    sys.exit(main())
