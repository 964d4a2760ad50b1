"""`poseforge data download NAME`."""

import argparse
from pathlib import Path

from rich.console import Console

HELP = "fetch a data set; goes on where it stopped"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("name", help="lsp or lspet")
    parser.add_argument(
        "--root", type=Path, help="where to; default the variable POSEFORGE_DATA, else ./data"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Download and unpack."""
    from poseforge.datasets.download import download
    from poseforge.datasets.root import data_folder

    folder = download(options.name, data_folder(options.root))
    console.print(f"{options.name} is in {folder}", soft_wrap=True)
    return 0
