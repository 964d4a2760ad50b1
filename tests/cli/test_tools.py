"""The files in tools/ call verbs, and hide nothing of Python's own."""

import subprocess
import sys
from pathlib import Path

import pytest

from poseforge.cli.main import VERBS

TOOLS = sorted((Path(__file__).parents[2] / "tools").glob("*.py"))


@pytest.mark.parametrize("tool", TOOLS, ids=lambda path: path.stem)
def test_a_tool_is_a_verb(tool):
    assert tool.stem in VERBS
    asked = subprocess.run(
        [sys.executable, str(tool), "--help"], capture_output=True, text=True, check=True
    )
    assert f"{tool.stem} [-h]" in asked.stdout


def test_the_standard_library_s_profile_is_found_from_a_tool(tmp_path):
    """`cProfile`, which the compiler imports, imports a module of the name of tools/profile.py."""
    tool = tmp_path / "evaluate.py"
    tool.write_text(
        "from poseforge.cli import main, tools\n"
        "def run(options, console):\n"
        "    import cProfile\n"
        "    print(cProfile._pyprofile.__file__)\n"
        "    return 0\n"
        "main.VERBS['evaluate'].run = run\n"
        "tools.run_tool(__file__)\n"
    )
    (tmp_path / "profile.py").write_text("raise SystemExit('the wrong one')\n")
    found = subprocess.run(
        [sys.executable, str(tool), "--dataset", "lsp", "--predictions", "a.npz"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(found.stdout.strip()).parent == Path(subprocess.__file__).parent
