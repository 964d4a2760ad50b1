"""Measure throughput and latency: python tools/benchmark.py CONFIG [CONFIG ...]."""

from poseforge.cli.tools import run_tool

if __name__ == "__main__":
    run_tool(__file__)
