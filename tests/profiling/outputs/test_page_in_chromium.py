"""The page in a browser: a script is put into it that uses it, and its answers are read."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest

from poseforge.profiling.outputs.page import to_html
from poseforge.profiling.record import Profile
from tests.profiling.made_up_profile import cpm_profile, deep_profile

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

USE = """
const names = () => rows.filter(row => row.isConnected).sort((a, b) => a.rowIndex - b.rowIndex)
  .map(row => row.layer.name);
const head = title => [...table.tHead.rows[0].cells].find(cell => cell.textContent === title);
const answers = { tree: names() };
head("own\\nms").firstChild.click();
answers.byTime = names();
answers.sorted = head("own\\nms").getAttribute("aria-sort");
head("own\\nms").firstChild.click();
answers.fastest = names();
head("layer").firstChild.click();
answers.treeAgain = names();
byId("filter").value = "conv2d first";
byId("filter").dispatchEvent(new Event("input"));
answers.filtered = names();
showLayer(layers[5]);
answers.chosen = document.activeElement.textContent;
[...byId("bounds").children].find(button => button.value === "launch").click();
answers.launch = names();
chooseBound("");
rows[9].name.click();
answers.details = rows[9].nextSibling.textContent;
const cells = [...byId("flame").children];
const wide = () => cells.filter(cell => !cell.hidden && cell.style.width === "100%")
  .map(cell => cell.layer.name);
cells.find(cell => cell.layer.name === "backbone")?.click();
answers.zoomed = wide();
byId("flame").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
answers.unzoomed = wide();
answers.themes = [0, 1].map(() => {
  byId("theme").click();
  return getComputedStyle(document.body).backgroundColor;
});
answers.loaded = performance.getEntriesByType("resource").map(entry => entry.name);
requestAnimationFrame(() => setTimeout(() => {
  answers.marks = [...document.querySelectorAll(".mark")].map(mark => mark.layer.name);
  answers.overflow = document.documentElement.scrollWidth - innerWidth;
  answers.unnamed = [...document.querySelectorAll("button, input, [role=img], [role=group]")]
    .filter(node => !(node.textContent || node.labels?.length || node.getAttribute("aria-label")
      || node.getAttribute("aria-labelledby"))).map(node => node.outerHTML);
  document.body.append(element("pre", { id: "answers", textContent: JSON.stringify(answers) }));
}, 50));
"""


def chromium(page: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--enable-logging=stderr",
            f"--user-data-dir={page.parent / 'browser'}",
            *arguments,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def used(profile: Profile, folder: Path, width: int = 1280) -> dict[str, Any]:
    """Use the page as `USE` does; what the browser complains about is an error."""
    page = folder / "page.html"
    page.write_text(to_html(profile).replace("</body>", f"<script>{USE}</script></body>"))
    shown = chromium(page, f"--window-size={width},900", "--virtual-time-budget=5000", "--dump-dom")
    assert "CONSOLE" not in shown.stderr, shown.stderr
    found = re.search(r'<pre id="answers">(.*?)</pre>', shown.stdout, re.S)
    assert found, shown.stdout[-2000:]
    answers: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answers


def test_the_page_can_be_used(tmp_path: Path) -> None:
    profile = cpm_profile("cuda")
    answers, layers = used(profile, tmp_path), profile.layers
    names = [layer.name for layer in layers]
    by_time = [x.name for x in sorted(layers, key=lambda layer: -layer.own_s.median)]
    assert answers["tree"] == answers["treeAgain"] == names
    assert answers["byTime"] == by_time
    assert answers["sorted"] == "descending"
    assert answers["fastest"] == by_time[::-1]
    assert answers["filtered"] == [
        x.name for x in layers if x.kind == "Conv2d" and "first" in x.name
    ]
    assert answers["launch"] == [x.name for x in layers if x.limit and x.limit.bound == "launch"]
    assert names[5].endswith(answers["chosen"])
    kernels = [kernel.name for kernel in layers[9].kernels]
    assert all(words in answers["details"] for words in [names[9], *kernels])
    assert answers["zoomed"] == ["step", "model", "backbone"]
    assert answers["unzoomed"] == ["step"]
    assert len(set(answers["themes"])) == 2
    drawn = [x.name for x in layers if x.limit and x.work.bytes]
    assert sorted(answers["marks"]) == sorted(drawn)
    assert answers["loaded"] == []
    assert answers["unnamed"] == []


def test_a_large_model_without_bar_and_memory_fits_a_narrow_window(tmp_path: Path) -> None:
    answers = used(replace(deep_profile(300), bar=(), loading=None), tmp_path, width=500)
    assert len(answers["tree"]) == 300
    assert answers["overflow"] <= 0


def test_both_themes_are_painted(tmp_path: Path) -> None:
    brightness = {}
    for theme in ("light", "dark"):
        page, picture = tmp_path / f"{theme}.html", tmp_path / f"{theme}.png"
        text = to_html(cpm_profile("cuda"))
        page.write_text(text.replace("<html ", f'<html data-theme="{theme}" '))
        chromium(page, "--window-size=1280,4800", f"--screenshot={picture}")
        pixels = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
        brightness[theme] = pixels.mean()
        assert pixels.shape[1] == 1280
        assert pixels[2000:].std() > 5  # something is drawn below the fold too
    assert brightness["light"] > 200
    assert brightness["dark"] < 60
