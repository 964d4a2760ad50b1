"""Print a checkpoint's benchmark table: python tools/test.py CONFIG CHECKPOINT."""

import sys

from poseforge.cli.main import main

sys.exit(main(["test", *sys.argv[1:]]))
