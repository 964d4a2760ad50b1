"""Score predictions without a model: python tools/evaluate.py --dataset lsp --predictions FILE."""

from poseforge.cli.tools import run_tool

if __name__ == "__main__":
    run_tool(__file__)
