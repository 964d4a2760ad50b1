"""Train a config's model: python tools/train.py CONFIG."""

import sys

from poseforge.cli.main import main

sys.exit(main(["train", *sys.argv[1:]]))
