"""Predict poses in images: python tools/predict.py INPUT --checkpoint FILE."""

import sys

from poseforge.cli.main import main

sys.exit(main(["predict", *sys.argv[1:]]))
