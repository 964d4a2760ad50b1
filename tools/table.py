"""Make a benchmark table of many runs: python tools/table.py REPORT [REPORT ...]."""

import sys

from poseforge.cli.main import main

sys.exit(main(["table", *sys.argv[1:]]))
