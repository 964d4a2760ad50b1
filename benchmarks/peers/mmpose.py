"""Make an environment with MMPose: `python -m benchmarks.peers.mmpose --into DIR`.

It sees the packages of the environment that runs this, so both sides of a comparison have the same
torch, numpy and OpenCV: what is compared is code. What MMPose needs besides is installed with pip.
At the end MMPose predicts a person there, or one line says what stops it.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]

# pip's arguments, in order.
INSTALLED = (
    # mmengine asks pkg_resources for packages, which setuptools 81 warns of and 82 has not got;
    # cython and wheel build xtcocotools; six is imported by MMPose, which does not declare it.
    ("setuptools>=77,<81", "wheel", "cython", "six", "munkres", "addict", "yapf", "termcolor"),
    # Without requirements: of those that are not here, chumpy does not build and is not imported,
    # opencv-python would be a second OpenCV, and mmengine is mmengine-lite. mmcv itself has no
    # wheels for torch 2.5 and later; its light form has the same Python.
    ("--no-deps", "mmpose==1.3.2", "mmcv-lite==2.2.0"),
    # Its wheels are for numpy 1.
    ("--no-deps", "--no-build-isolation", "--no-binary", ":all:", "xtcocotools==1.14.3"),
)

# Files among the environment's packages. `import mmpose.models` imports all heads, also those that
# need mmcv's compiled operations (ED-Pose) and mmdet (RTMO), which refuses mmcv 2.2.
STAND_INS = {
    "mmcv/_ext.py": """\
def __getattr__(name):
    def missing(*_, **__):
        raise RuntimeError(f"mmcv-lite has no compiled operation {name}")

    return missing
""",
    "mmdet/__init__.py": "",
    "mmdet/utils.py": """\
ConfigType = dict


def reduce_mean(_):
    raise RuntimeError("mmdet is not installed")
""",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the environment; return the exit status."""
    parser = argparse.ArgumentParser(description="Make an environment with MMPose.")
    parser.add_argument("--into", type=Path, required=True, help="the folder, which is made")
    folder: Path = parser.parse_args(arguments).into
    try:
        python = make(folder, INSTALLED, STAND_INS)
        print(run(python, "-W", "ignore", "-m", "benchmarks.peers.mmpose_resnet50"))
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"give benchmarks --mmpose-python {python}")
    return 0


def make(folder: Path, installed: Sequence[Sequence[str]], stand_ins: Mapping[str, str]) -> Path:
    """Make an environment that sees the packages of this one.

    Args:
        folder: Where to, a new or empty folder.
        installed: The arguments of calls of `pip install`.
        stand_ins: Texts of files to write among the packages.

    Returns:
        Its Python.

    Raises:
        ValueError: The folder has something in it.
        RuntimeError: pip fails; the folder is gone again.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty; name a new folder")
    try:
        return _made(folder, installed, stand_ins)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _made(folder: Path, installed: Sequence[Sequence[str]], stand_ins: Mapping[str, str]) -> Path:
    venv.create(folder)
    python = folder.absolute() / "bin" / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    torch = importlib.util.find_spec("torch")
    (packages / "shared.pth").write_text(f"{Path(torch.origin).parents[1]}\n")
    for arguments in installed:
        run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *arguments)
    for name, text in stand_ins.items():
        (packages / name).parent.mkdir(exist_ok=True)
        (packages / name).write_text(text)
    return python


def run(python: Path | str, *arguments: str) -> str:
    """Run Python in the repository's root; return what it prints.

    Raises:
        RuntimeError: It fails; the message is the last line that it, or what pip ran, has written.
    """
    done = subprocess.run([python, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.split("[end of output]")[0]  # so pip ends what it quotes
        line = (said.strip().splitlines() or ["it said nothing"])[-1]
        raise RuntimeError(f"`python {' '.join(arguments)}` failed: {line.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
