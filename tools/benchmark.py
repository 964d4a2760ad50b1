"""Measure throughput and latency: python tools/benchmark.py CONFIG [CONFIG ...]."""

import sys

from poseforge.cli.main import main

sys.exit(main(["benchmark", *sys.argv[1:]]))
