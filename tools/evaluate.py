"""Score predictions without a model: python tools/evaluate.py --dataset lsp --predictions FILE."""

import sys

sys.path.pop(0)  # this folder, whose profile.py would hide the standard library's

from poseforge.cli.main import main

sys.exit(main(["evaluate", *sys.argv[1:]]))
