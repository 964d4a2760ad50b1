"""The files in `tools/`, which call the verbs that they are named after."""

import sys
from pathlib import Path
from typing import NoReturn

from poseforge.cli.main import main


def run_tool(file: str) -> NoReturn:
    """Run the verb that a tool is named after, with the command line's arguments, and exit.

    Python looks for modules in a tool's folder first, where `profile.py` would hide the standard
    library's module of that name; nothing is to be found there.

    Args:
        file: The tool.
    """
    tool = Path(file).resolve()
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != tool.parent]
    sys.exit(main([tool.stem, *sys.argv[1:]]))
