"""Train a config's model: python tools/train.py CONFIG."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["train", *sys.argv[1:]]))
