"""`poseforge list [KIND]`."""

import argparse
import ast
import inspect
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from rich.console import Console

import poseforge

HELP = "List what is registered, built in and by installed plugins, one line each."
KINDS = (
    "backbones", "necks", "heads", "losses", "codecs", "estimators", "datasets", "transforms",
    "metrics", "hooks",
)  # fmt: skip
Part = tuple[str, str, str]  # kind, name, what it is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("kind", nargs="?", choices=KINDS, help="one kind; default all")


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the names, where each comes from and its first line of documentation."""
    parts = [*built_in(), *(of_plugins() if entry_points(group=poseforge.PLUGIN_GROUP) else ())]
    for kind in [options.kind] if options.kind else KINDS:
        for _, name, summary in sorted(part for part in parts if part[0] == kind):
            prefix = "" if options.kind else f"{kind:<11} "
            console.print(f"{prefix}{name:<18} {summary}", soft_wrap=True)
    return 0


def built_in() -> Iterator[Part]:
    """Give our own parts by reading the sources: importing them all would take seconds."""
    for path in Path(poseforge.__file__).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if ".register_module(" not in source:
            continue
        for node in ast.parse(source).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                kind = ast.unparse(decorator).removesuffix(".register_module()").lower()
                if kind in KINDS:
                    yield kind, node.name, (ast.get_docstring(node) or "").partition("\n")[0]


def of_plugins() -> Iterator[Part]:
    """Give the parts of installed plugins, by importing them."""
    from poseforge.registry import REGISTRIES, load_plugins

    load_plugins()
    for kind in KINDS:
        for name, part in REGISTRIES[kind].module_dict.items():
            if not part.__module__.startswith("poseforge."):
                summary = (inspect.getdoc(part) or "").partition("\n")[0]
                yield kind, name, f"{summary}  ({part.__module__})"
