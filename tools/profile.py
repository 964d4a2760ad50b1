"""Say where a model's time goes: python tools/profile.py CONFIG."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["profile", *sys.argv[1:]]))
