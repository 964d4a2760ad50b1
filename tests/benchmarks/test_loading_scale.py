from pathlib import Path

from benchmarks.loading_scale import BASE, CASES, TINY, main
from benchmarks.result import check_result


def test_every_case_is_timed(tmp_path: Path):
    assert main(["--tiny", "--out", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.json")
    result = check_result(path)
    assert [item["name"] for item in result["measurements"]] == [str(case) for case in TINY]
    assert all(item["low"] > 0 and len(item["values"]) == 2 for item in result["measurements"])


def test_each_case_of_people_changes_one_thing():
    for case in CASES:
        if case.people is None:
            changed = [name for name in vars(case) if getattr(case, name) != getattr(BASE, name)]
            assert len(changed) <= 1
    assert len(set(map(str, CASES))) == len(CASES)
