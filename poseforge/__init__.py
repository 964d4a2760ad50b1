"""PoseForge: a plugin-based human pose estimation toolbox on PyTorch."""

__version__ = "0.1.0"
PLUGIN_GROUP = "poseforge.plugins"  # the entry points that name installed plugins' modules
