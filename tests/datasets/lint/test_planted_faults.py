import json

import pytest

from benchmarks.planted_faults import FILE, PLANTS, WHO, lint_with
from poseforge.datasets.lint import RULES, choose, lint, read_document
from poseforge.datasets.lint.drawing import draw_findings
from poseforge.datasets.lint.fixes import fix


def test_every_rule_has_a_planted_fault():
    assert set(PLANTS) == set(RULES)


def test_clean_people_are_clean(clean, tmp_path):
    findings, _ = lint_with(None, clean, tmp_path)
    assert findings == []


@pytest.mark.parametrize("code", PLANTS)
def test_a_planted_fault_is_found_by_its_rule_and_no_other(clean, tmp_path, code):
    findings, place = lint_with(code, clean, tmp_path)
    assert {finding.code for finding in findings} == {code}
    assert {(finding.image, finding.person) for finding in findings} == {place}
    assert all(finding.message for finding in findings)


def test_what_can_be_fixed_is_clean_afterwards_and_the_rest_is_as_it_was(clean, tmp_path):
    for code in ("PF104", "PF105"):
        folder = tmp_path / code
        folder.mkdir()
        lint_with(code, clean, folder)
        document = read_document(folder / FILE)
        before = json.dumps(document.content)
        findings = lint([document.material], choose(), lambda *_: None)[1]
        content, mended = fix(document, findings)
        assert mended == 1
        assert json.dumps(document.content) == before
        (folder / FILE).write_text(json.dumps(content))
        assert lint([read_document(folder / FILE).material], choose(), lambda *_: None)[1] == []
        original = json.loads((clean / FILE).read_text())
        if code == "PF104":
            wrist = 3 * document.material.skeleton.index("left_wrist")
            row = original["annotations"][WHO]
            row["keypoints"][wrist : wrist + 3] = [0, 0, 0]
            row["num_keypoints"] -= 1
        assert content == original


@pytest.mark.parametrize("code", ["PF201", "PF302"])
def test_findings_become_a_sheet(clean, tmp_path, code):
    lint_with(code, clean, tmp_path)
    material = read_document(tmp_path / FILE).material
    looked_at, findings = lint([material], choose(), lambda *_: None)
    (path,) = draw_findings(findings, looked_at, tmp_path / "sheets")
    assert path.name == f"{code}.jpg"
    assert path.stat().st_size > 1000


def test_images_are_read_only_for_rules_that_need_them(clean):
    material = read_document(clean / FILE).material
    seen = []
    lint([material], choose(["PF105", "PF4"]), lambda what, *_: seen.append(what))
    assert "reading images" not in seen
    lint([material], choose(["PF001"]), lambda what, *_: seen.append(what))
    assert seen.count("reading images") == 1 + len(material.image_names)
