"""Predict poses in images: python tools/predict.py INPUT --checkpoint FILE."""

from poseforge.cli.tools import run_tool

if __name__ == "__main__":
    run_tool(__file__)
