"""Print a checkpoint's benchmark table: python tools/test.py CONFIG CHECKPOINT."""

from poseforge.cli.tools import run_tool

if __name__ == "__main__":
    run_tool(__file__)
