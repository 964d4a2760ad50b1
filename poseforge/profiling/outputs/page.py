"""A profile as one HTML page that needs no network and no other file."""

import html
import json
import re
from importlib.resources import files
from pathlib import Path

from poseforge.files import write_text
from poseforge.profiling.record import Profile

SCRIPTS = ("page.js", "step.js", "roofline.js", "flame.js", "memory.js", "table.js")


def write_page(profile: Profile, path: Path) -> None:
    """Write the page."""
    write_text(path, to_html(profile))


def to_html(profile: Profile) -> str:
    """Return the page: the template with its style, its scripts and the profile in it."""
    parts = {
        "title": html.escape(f"{profile.name}: profile"),
        "style": _template("page.css"),
        "script": "\n".join(_template(name) for name in SCRIPTS),
        "profile": _embedded(profile),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], _template("page.html"))


def _template(name: str) -> str:
    return (files(__package__) / "template" / name).read_text(encoding="utf-8")


def _embedded(profile: Profile) -> str:
    """Return JSON in which no "<" can end the script that holds it."""
    text = json.dumps(profile.as_json(), ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c")
