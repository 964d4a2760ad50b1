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
