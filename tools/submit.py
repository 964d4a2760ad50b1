"""Hand a training to Slurm: python tools/submit.py --nodes 2 --gpus-per-node 8 CONFIG."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["submit", *sys.argv[1:]]))
