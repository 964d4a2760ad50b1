"""`poseforge data pack CONFIG`."""

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console

from poseforge.cli.loaders import LOADERS, datasets_of, parts_by_name
from poseforge.cli.progress import progress_bar

HELP = "put the people of a config's data sets as JPEG crops into a few files; goes on if stopped"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("config", type=Path, help="a config (.py), whose data sets are packed")
    parser.add_argument(
        "--out", type=Path, help="where to; default packed/ in POSEFORGE_DATA, else in ./data"
    )
    parser.add_argument(
        "--loaders",
        nargs="+",
        choices=tuple(LOADERS),
        default=tuple(LOADERS),
        help="whose data sets; default all",
    )
    parser.add_argument("--size", type=int, default=224, help="a crop's longer side, at most")
    parser.add_argument(
        "--reach",
        type=float,
        default=1.8,
        help="side of the square that is kept, relative to the person's longer side",
    )
    parser.add_argument("--quality", type=int, default=82, help="of the JPEGs, 1 to 100")
    parser.add_argument("--shard-mb", type=float, default=55.0, help="a file of crops, at most")
    parser.add_argument("--workers", type=int, help="threads; default one a core")


def run(options: argparse.Namespace, console: Console) -> int:
    """Pack each data set into a folder of its own."""
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers {options.workers} is not allowed; give 1 or more")
    with progress_bar() as show:
        from poseforge.datasets import data_folder
        from poseforge.datasets.packing import PackSettings, pack

        settings = PackSettings(options.reach, options.size, options.quality, options.shard_mb)
        out: Path = options.out or data_folder() / "packed"
        lines = []
        datasets = datasets_of(options.config, options.loaders)
        for name, dataset in parts_by_name(datasets.values()).items():
            manifest = pack(
                dataset,
                out / name,
                settings,
                workers=options.workers,
                progress=partial(show, name),
            )
            size = sum(file.stat().st_size for file in (out / name).iterdir()) / 1e6
            lines.append(
                f"{out / name}: {manifest['people']} people, {size:.1f} MB, "
                f"shards: {len(manifest['shards'])}"
            )
    for line in lines:
        console.print(line, soft_wrap=True)
    return 0
