"""`poseforge list [KIND]`."""

import argparse
import inspect

from rich.console import Console

HELP = "List what is registered, built in and by installed plugins, one line each."
KINDS = (
    "backbones", "necks", "heads", "losses", "codecs", "estimators", "datasets", "transforms",
    "metrics", "hooks",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("kind", nargs="?", choices=KINDS, help="one kind; default all")


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the names, where each comes from and its first line of documentation."""
    from poseforge.registry import REGISTRIES, load_plugins

    load_plugins()
    for kind in [options.kind] if options.kind else KINDS:
        registry = REGISTRIES[kind]
        registry.import_from_location()
        for name, part in sorted(registry.module_dict.items()):
            summary = (inspect.getdoc(part) or "").partition("\n")[0]
            plugin = "" if part.__module__.startswith("poseforge.") else f"  ({part.__module__})"
            prefix = "" if options.kind else f"{kind:<11} "
            console.print(f"{prefix}{name:<18} {summary}{plugin}", soft_wrap=True)
    return 0
