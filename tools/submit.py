"""Hand a training to Slurm: python tools/submit.py --nodes 2 --gpus-per-node 8 CONFIG."""

import sys

from poseforge.cli.main import main

sys.exit(main(["submit", *sys.argv[1:]]))
