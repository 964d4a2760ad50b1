import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from poseforge.profiling.outputs.page import to_html, write_page
from tests.profiling.made_up_profile import cpm_profile, deep_profile


def data_of(page: str) -> dict:  # type: ignore[type-arg]
    """What a browser finds in the script that holds the profile: all up to the first end tag."""
    found = re.search(r'<script type="application/json" id="profile">(.*?)</script', page, re.S)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("profile", [cpm_profile("cuda"), deep_profile(300)], ids=["cpm", "deep"])
def test_the_page_holds_every_layer_once(profile) -> None:  # type: ignore[no-untyped-def]
    page = to_html(profile)
    assert data_of(page) == json.loads(json.dumps(profile.as_json()))
    for layer in profile.layers:
        assert page.count(f'"name": "{layer.name}", "kind"') == 1


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    write_page(cpm_profile("cuda"), tmp_path / "profile.html")
    page = (tmp_path / "profile.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["profile.html"]
    assert "http" not in page.replace("http-equiv", "")
    assert not re.search(r"\bsrc=|@import|url\(|<iframe|fetch\(", page)
    assert re.findall(r'\bhref="(.*?)"', page) == ["data:,", "#layers"]
    assert "default-src 'none'" in page
    assert "{{" not in page


def test_names_cannot_end_the_script_or_the_title() -> None:
    evil = "</script><script>alert(1)</script><!-- {{script}}"
    profile = replace(cpm_profile("cpu"), name=evil, notes=(evil,))
    page = to_html(profile)
    assert "<script>alert" not in page
    assert data_of(page)["name"] == evil
    assert page.count("<script") == to_html(cpm_profile("cpu")).count("<script")


def test_wheels_hold_the_template() -> None:
    root = Path(__file__).parents[3]
    patterns = re.findall(r'"(profiling/[^"]+)"', (root / "setup.py").read_text(encoding="utf-8"))
    packed = {path for pattern in patterns for path in (root / "poseforge").glob(pattern)}
    template = root / "poseforge" / "profiling" / "outputs" / "template"
    assert packed == set(template.iterdir())
    assert len(packed) > 2
