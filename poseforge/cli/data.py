"""`poseforge data download|convert|lint|pack|sides|sigmas`."""

import argparse

from rich.console import Console

from poseforge.cli import convert, download, lint, pack, sides, sigmas

HELP = "Download, convert, check and pack data sets."
ACTIONS = {
    "download": download,
    "convert": convert,
    "lint": lint,
    "pack": pack,
    "sides": sides,
    "sigmas": sigmas,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, module in ACTIONS.items():
        action = actions.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(action)


def run(options: argparse.Namespace, console: Console) -> int:
    """Run an action."""
    status: int = ACTIONS[options.action].run(options, console)
    return status
