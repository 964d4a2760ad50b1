import subprocess
import sys
import time

import pytest

HEAVY = ("torch", "mmengine", "cv2", "matplotlib", "scipy")
# What the first step of a network of our own layers, on generated people, has no use for.
UNUSED_BY_A_STEP = (
    "matplotlib",
    "scipy",
    "sympy",
    "tensorboard",
    "torch._dynamo",
    "torch.distributed.fsdp",
    "torchvision",
    "transformers",
)


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def modules_after(code: str) -> set[str]:
    output = run(f"{code}\nimport sys\nprint('loaded', *sys.modules)")
    return set(output.splitlines()[-1].split())


def verb(*arguments: str) -> str:
    return (
        "from poseforge.cli.main import main\n"
        f"try:\n    status = main({list(arguments)})\n"
        "except SystemExit as left:\n    status = left.code\n"
        "assert status == 0"
    )


@pytest.mark.parametrize(
    "code",
    [
        "import poseforge",
        verb("--help"),
        verb("train", "--help"),
        verb("test", "--help"),
        verb("benchmark", "--help"),
        verb("list"),
        verb("list", "heads"),
    ],
)
def test_heavy_libraries_wait_until_they_are_needed(code):
    loaded = modules_after(code)
    assert {"poseforge", "sys"} <= loaded
    assert loaded.isdisjoint(HEAVY)


STOP = """
from poseforge.engine.hooks import Hook

class Stop(Hook):
    priority = "LOWEST"

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        raise KeyboardInterrupt
"""


def test_the_first_iteration_comes_without_what_it_does_not_need(config, tmp_path):
    (tmp_path / "stop.py").write_text(STOP)
    config.write_text(config.read_text() + "custom_hooks = [dict(type='stop.Stop')]\n")
    loaded = modules_after(
        "from poseforge.cli.main import main\n"
        f"assert main(['train', {str(config)!r}, '--work-dir', {str(tmp_path / 'run')!r}]) == 130"
    )
    assert {"torch", "mmengine", "cv2", "poseforge.engine.train"} <= loaded
    assert loaded.isdisjoint(UNUSED_BY_A_STEP)


def test_import_is_quick():
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run("import poseforge")
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3
