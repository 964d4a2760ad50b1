"""How fast configs are over batch sizes, precisions and image sizes: `poseforge benchmark`."""
