"""`poseforge publish CHECKPOINT --out FILE`."""

import argparse
from pathlib import Path

from rich.console import Console

import poseforge
from poseforge.files import write_text

HELP = "Make a run's weights a small, safe file with its table inside, and its model card."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("checkpoint", type=Path, help="in a run's folder, such as best.pth")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument(
        "--card", type=Path, help="where its model card goes; default beside the file, as .md"
    )
    parser.add_argument("--device", help="where to test; default a GPU where there is one")
    parser.add_argument(
        "--limit-mb", type=float, default=8.0, help="the most that the file may have; default 8"
    )
    parser.add_argument(
        "--note", action="append", default=[], help="what its readers must know; again for more"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Round, test, write, and describe."""
    console.print(
        f"PoseForge {poseforge.__version__}: publishing {options.checkpoint}", soft_wrap=True
    )
    from poseforge.engine.publishing import publish  # torch and mmengine load here
    from poseforge.reports.model_card import model_card

    made = publish(
        options.checkpoint,
        options.out,
        console,
        device=options.device,
        limit_mb=options.limit_mb,
        notes=options.note,
    )
    card = options.card or options.out.with_suffix(".md")
    write_text(card, model_card(made.state, made.size, options.out.name))
    console.print(made.state["meta"]["rounding"], soft_wrap=True)
    console.print(f"wrote {options.out} ({made.size / 1e6:.2f} MB) and {card}", soft_wrap=True)
    return 0
