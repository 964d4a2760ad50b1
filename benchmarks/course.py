"""Train the narrow models of `configs/*_course.py` for equal times, test and record each.

    python -m benchmarks.course --seconds 600

Each model gets the same time of training steps on the same machine: a short run measures its speed,
and from that follows how many iterations it is given. All see generated people of the same kind;
the learning rate falls over each one's own run. Run it on a machine that does nothing else.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.record_accuracy import accuracy_result
from benchmarks.result import RESULTS, write_result
from poseforge.engine.config import RunConfig, load_config

ROOT = Path(__file__).parents[1]
ROLES = ("train", "val", "test")
PROBE = 40  # iterations, of which the later half is measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, test and record; return the exit status."""
    parser = argparse.ArgumentParser(description="Train the course's models for equal times.")
    parser.add_argument("configs", nargs="*", type=Path, help="default configs/*_course.py")
    parser.add_argument("--seconds", type=float, default=600, help="training steps of each model")
    parser.add_argument("--work-dir", type=Path, default=Path("work_dirs"), help="the runs' folder")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result files")
    parser.add_argument("--tiny", action="store_true", help="a few iterations, to try the script")
    options = parser.parse_args(arguments)
    configs = options.configs or sorted((ROOT / "configs").glob("*_course.py"))
    try:
        for path in configs:
            result_of(path, options.seconds, options.work_dir, options.out, tiny=options.tiny)
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def result_of(path: Path, seconds: float, work_dir: Path, out: Path, *, tiny: bool) -> Path:
    """Train and test one model, and write its result file."""
    config = load_config(path)
    small = (
        [_people_of(config, role, 64 if role == "train" else 4) for role in ROLES] if tiny else []
    )
    probe = 4 if tiny else PROBE
    rate = _images_per_s(path, work_dir / f"{config.name}_probe", probe, small, config)
    batch = config.section("train_dataloader").batch_size
    iterations = 6 if tiny else max(100, round(seconds * rate / batch))
    folder = work_dir / config.name
    _train(path, folder, iterations, small, config)
    report = folder / "stages.json"
    weights = folder / "best.pth"
    options = ["--cfg-options", *small] if small else []
    _run("test", path, weights, "--stages", "--json", report, *options)
    result = accuracy_result(folder, [report], config.name)
    result["notes"].append(f"trained for {seconds:g} s of steps at {rate:.0f} images/s measured")
    if tiny:
        result["settings"]["tiny"] = True
    written = write_result(result, out)
    print(f"{config.name}: {iterations} iterations, wrote {written}")
    return written


def _people_of(config: RunConfig, role: str, count: int) -> str:
    """Return the override that gives a loader so many people, of its pictures where it has such."""
    dataset = config.section(f"{role}_dataloader").dataset
    inner = ".dataset" if dataset["type"] == "Scenes" else ""
    return f"{role}_dataloader.dataset{inner}.num_people={count}"


def _images_per_s(
    path: Path, folder: Path, iterations: int, small: list[str], config: RunConfig
) -> float:
    _train(path, folder, iterations, [*small, "test_dataloader=None"], config)
    lines = (folder / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    rates = [json.loads(line)["images_per_s"] for line in lines]
    return statistics.median(rates[len(rates) // 2 :])


def _train(
    path: Path, folder: Path, iterations: int, overrides: list[str], config: RunConfig
) -> None:
    phases = len(config.train.phase_starts) + 1
    starts = tuple(iterations * phase // phases for phase in range(1, phases))
    plan = [
        f"train_cfg.max_iters={iterations}",
        f"train_cfg.val_interval={max(1, iterations // 4)}",
        *([f"train_cfg.phase_starts={starts}"] if starts else []),
    ]
    _run("train", path, "--work-dir", folder, "--cfg-options", *plan, *overrides)


def _run(tool: str, *arguments: object) -> None:
    """Run one of the tools as a user does."""
    command = [sys.executable, str(ROOT / "tools" / f"{tool}.py"), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
