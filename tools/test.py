"""Print a checkpoint's benchmark table: python tools/test.py CONFIG CHECKPOINT."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["test", *sys.argv[1:]]))
