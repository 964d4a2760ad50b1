"""Make a benchmark table of many runs: python tools/table.py REPORT [REPORT ...]."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["table", *sys.argv[1:]]))
