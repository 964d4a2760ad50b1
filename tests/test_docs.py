"""What README.md and docs/ point to is there: files, configs, commands and their options."""

import argparse
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from poseforge.cli.data import ACTIONS
from poseforge.cli.main import VERBS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

LINK = re.compile(r"\]\(([^)\s]+)\)")
CONFIG = re.compile(r"\bconfigs/[\w/*]+\.py\b")
BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
PROGRAM = re.compile(
    r"^(?:torchrun .*?)?(?:(?:python )?tools/(?P<tool>\w+)\.py|poseforge (?P<verb>[a-z]+))(?= |$)"
)
MODULE = re.compile(r"\bpython (?:-m (?P<module>benchmarks[\w.]*)|(?P<file>benchmarks/\w+\.py))")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@each_page
def test_links_and_images_exist(page: Path):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not is_there(target, page)]


@each_page
def test_configs_exist(page: Path):
    named = CONFIG.findall(page.read_text(encoding="utf-8"))
    assert not [name for name in named if not list(ROOT.glob(name))]


@each_page
def test_commands_and_their_options_exist(page: Path):
    for command in commands(page.read_text(encoding="utf-8")):
        complaint = mistake_in(command)
        assert complaint is None, f"{command}: {complaint}"


@each_page
def test_benchmarks_exist(page: Path):
    for match in MODULE.finditer(page.read_text(encoding="utf-8")):
        name = match["module"] or match["file"].removesuffix(".py").replace("/", ".")
        assert find_spec(name) is not None, name


def test_the_pages_have_what_is_looked_for():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert len(LINK.findall(text)) > 15
    assert len(CONFIG.findall(text)) > 5
    assert len(commands(text)) > 20


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("python tools/train.py configs/quickstart.py --resume", None),
        ("torchrun --nproc-per-node 8 tools/train.py a.py --launcher pytorch", None),
        ("poseforge data lint my_config.py", None),
        ("poseforge data lint|sigmas FILE", None),
        ("poseforge tests", "there is no verb 'tests'"),
        ("python tools/missing.py a.py", "there is no tools/missing.py"),
        ("poseforge data lnt FILE", "there is no action 'lnt'"),
        ("python tools/train.py a.py --resumee", "train has no --resumee"),
        ("poseforge data lint FILE --resume", "data lint has no --resume"),
    ],
)
def test_a_wrong_command_is_noticed(command: str, complaint: str | None):
    assert mistake_in(command) == complaint


def test_a_dead_link_is_noticed():
    assert is_there("docs/data.md", ROOT / "README.md")
    assert is_there("../README.md#more", ROOT / "docs" / "data.md")
    assert not is_there("docs/dta.md", ROOT / "README.md")
    assert not is_there("data.md", ROOT / "README.md")
    assert not is_there("../README.md#less", ROOT / "docs" / "data.md")


def is_there(target: str, page: Path) -> bool:
    """Say whether a link leads somewhere; pages of others are not visited."""
    if target.startswith("https://"):
        return True
    path, _, anchor = target.partition("#")
    file = page.parent / path if path else page
    return file.exists() and (not anchor or anchor in anchors(file))


def anchors(page: Path) -> set[str]:
    """Return a page's headings as links spell them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(text: str) -> list[str]:
    """Return the commands in a page's blocks and spans of code, without what a shell adds."""
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    pieces = [*lines, *SPAN.findall(BLOCK.sub("", text))]
    parts = [part.split("  #")[0].strip() for piece in pieces for part in piece.split("&&")]
    return [part for part in parts if PROGRAM.search(part)]


def mistake_in(command: str) -> str | None:
    """Return what is wrong with a command of PoseForge; None where nothing is."""
    program = PROGRAM.search(command)
    assert program is not None
    if program["tool"] and not (ROOT / "tools" / f"{program['tool']}.py").is_file():
        return f"there is no tools/{program['tool']}.py"
    verb = program["tool"] or program["verb"]
    if verb not in VERBS:
        return f"there is no verb '{verb}'"
    words = shlex.split(command[program.end() :])
    names, modules = [verb], [VERBS[verb]]
    if verb == "data" and words:
        actions = words[0].split("|")
        unknown = [action for action in actions if action not in ACTIONS]
        if unknown:
            return f"there is no action '{unknown[0]}'"
        names, modules = [f"data {a}" for a in actions], [ACTIONS[a] for a in actions]
    for name, module in zip(names, modules, strict=True):
        parser = argparse.ArgumentParser()
        parser.add_argument("--traceback", action="store_true")
        module.add_arguments(parser)
        for word in words:
            option = word.partition("=")[0]
            if option.startswith("--") and option not in parser._option_string_actions:
                return f"{name} has no {option}"
    return None
