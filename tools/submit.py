"""Hand a training to Slurm: python tools/submit.py --nodes 2 --gpus-per-node 8 CONFIG."""

from poseforge.cli.tools import run_tool

if __name__ == "__main__":
    run_tool(__file__)
