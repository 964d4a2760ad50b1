"""Score predictions without a model: python tools/evaluate.py --dataset lsp --predictions FILE."""

import sys

from poseforge.cli.main import main

sys.exit(main(["evaluate", *sys.argv[1:]]))
