"""What a wheel holds."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_wheel_brings_the_weights_along(tmp_path: Path):
    shutil.copytree(ROOT / "poseforge", tmp_path / "poseforge")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    weights = tmp_path / "poseforge" / "weights" / "stand_in.pth"
    weights.parent.mkdir(exist_ok=True)
    weights.write_bytes(b"weights")
    code = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("poseforge/weights/stand_in.pth") == b"weights"
        assert "poseforge/py.typed" in archive.namelist()
        assert not [name for name in archive.namelist() if name.startswith("tests")]
