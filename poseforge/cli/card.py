"""`poseforge card [CHECKPOINT]`."""

import argparse
from pathlib import Path

from rich.console import Console

from poseforge.files import write_text

HELP = "Print the model card of a published checkpoint, or see that one is up to date."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        "checkpoint",
        type=Path,
        nargs="?",
        help="what poseforge publish has written; default the model that ships with PoseForge",
    )
    parser.add_argument("--output", type=Path, help="write the card to this file")
    parser.add_argument(
        "--check", type=Path, metavar="FILE", help="write nothing; exit 1 where this card differs"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Make the card from the file; print, write or compare it."""
    from poseforge.inference.shipped import shipped_model
    from poseforge.models.checkpoints import read_checkpoint
    from poseforge.reports.model_card import model_card

    path = options.checkpoint or shipped_model()
    state = read_checkpoint(path)
    card = model_card(state, path.stat().st_size, path.name)
    if options.check:
        if options.check.is_file() and options.check.read_text(encoding="utf-8") == card:
            return 0
        console.print(
            f"{options.check} is not the card of {path}: write it with poseforge card --output",
            soft_wrap=True,
        )
        return 1
    if options.output:
        write_text(options.output, card)
        console.print(f"wrote {options.output}", soft_wrap=True)
    else:
        console.print(card, soft_wrap=True, end="")
    return 0
