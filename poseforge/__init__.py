"""PoseForge: a plugin-based human pose estimation toolbox on PyTorch."""

__version__ = "0.1.0"
