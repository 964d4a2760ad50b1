"""Packaging: name, version, dependencies, extras and the console command."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = "0.1.0"

# Decodes parts of JPEGs; there are wheels for x86-64 alone.
JPEG = ["turbojpeg>=0.0.2; platform_machine == 'x86_64' or platform_machine == 'AMD64'"]
TEST = ["pytest>=8", "pytest-timeout", "setuptools>=70.1", *JPEG]  # which builds wheels by itself
SLURM = ["submitit>=1.5"]
PARQUET = ["pyarrow>=15"]
PROFILE = ["torch-tb-profiler>=0.4.3"]  # shows traces in TensorBoard, which is required anyway
DEV = [*TEST, *SLURM, *PARQUET, *PROFILE, "ruff>=0.9", "mypy>=1.14", "import-linter>=2.1"]

setup(
    name="poseforge",
    version=VERSION,
    description="A plugin-based human pose estimation toolbox on PyTorch",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["poseforge", "poseforge.*"]),
    package_data={
        "poseforge": ["py.typed", "weights/*.pth", "profiling/outputs/template/*"],
    },
    install_requires=[
        "torch>=2.10",
        "torchvision>=0.25",
        "mmengine-lite>=0.10.7,<0.12",  # mmengine without its image and plot requirements
        "setuptools",  # mmengine asks for its distutils on Python 3.12 and later
        "numpy>=2.0",
        "opencv-python-headless>=5.0",
        "scipy>=1.13",
        "matplotlib>=3.9",
        "rich>=13",
        "json-tricks>=3.17",
        "pycocotools>=2.0.8",
        "h5py>=3.11",
        "pillow>=10",
        "pyyaml>=6",
        "tensorboard>=2.18",
    ],
    extras_require={
        "test": TEST,
        "dev": DEV,
        "jpeg": JPEG,
        "slurm": SLURM,
        "parquet": PARQUET,
        "profile": PROFILE,
    },
    entry_points={"console_scripts": ["poseforge = poseforge.cli.main:main"]},
)
