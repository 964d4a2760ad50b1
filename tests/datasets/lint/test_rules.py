from pathlib import Path

import pytest

from poseforge.datasets.lint import RULES, SEVERITIES, choose, rules_table

PAGE = Path(__file__).parents[3] / "docs" / "data_lint.md"


def test_rules_stand_in_order_and_have_a_known_severity():
    assert list(RULES) == sorted(RULES)
    assert all(rule.code == code for code, rule in RULES.items())
    assert {rule.severity for rule in RULES.values()} == set(SEVERITIES)


def test_rules_are_chosen_by_the_beginning_of_their_codes():
    assert [rule.code for rule in choose(["PF4", "PF001"])] == ["PF001", "PF401", "PF402", "PF403"]
    assert [rule.code for rule in choose(["PF4"], ["PF402"])] == ["PF401", "PF403"]
    assert len(choose()) == len(RULES)
    with pytest.raises(ValueError, match="there is no rule 'PF9'; choose from PF001"):
        choose(ignore=["PF9"])


def test_the_page_has_the_table_of_all_rules():
    assert rules_table() in PAGE.read_text(encoding="utf-8")
