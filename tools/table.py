"""Make a benchmark table of many runs: python tools/table.py REPORT [REPORT ...]."""

from poseforge.cli.tools import run_tool

if __name__ == "__main__":
    run_tool(__file__)
