"""Predict poses in images: python tools/predict.py INPUT --checkpoint FILE."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["predict", *sys.argv[1:]]))
