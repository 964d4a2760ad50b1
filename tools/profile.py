"""Say where a model's time goes: python tools/profile.py CONFIG."""

import sys

# This file's folder is looked into first, and the standard library has a module of this name.
sys.path.pop(0)

from poseforge.cli.main import main

sys.exit(main(["profile", *sys.argv[1:]]))
