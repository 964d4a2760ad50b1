"""Measure throughput and latency: python tools/benchmark.py CONFIG [CONFIG ...]."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["benchmark", *sys.argv[1:]]))
