"""Say where a model's time goes: python tools/profile.py CONFIG."""

from poseforge.cli.tools import run_tool

if __name__ == "__main__":
    run_tool(__file__)
