import subprocess
import sys
import time

import pytest

HEAVY = ("torch", "mmengine", "cv2", "matplotlib", "scipy")


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize(
    "code",
    [
        "import poseforge",
        "from poseforge.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as left:\n    assert left.code == 0",
    ],
)
def test_heavy_libraries_wait_until_they_are_needed(code):
    output = run(f"{code}\nimport sys\nprint('loaded', *sys.modules)")
    loaded = set(output.splitlines()[-1].split())
    assert {"loaded", "poseforge", "sys"} <= loaded
    assert loaded.isdisjoint(HEAVY)


def test_import_is_quick():
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run("import poseforge")
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3
