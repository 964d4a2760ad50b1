import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.result import RESULTS, Result, check_result

Write = Callable[[Result], Path]
FILES = sorted(RESULTS.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_published_result_is_complete(path: Path):
    result = check_result(path)
    assert not result["settings"].get("tiny"), "a trial of the scripts is no result"


def test_both_kinds_come_back_as_written(speed: Result, accuracy: Result, write: Write):
    for result in (speed, accuracy):
        path = write(result)
        assert path.name.startswith(f"{result['name']}--")
        assert check_result(path) == result


def edit(path: Path, change: Callable[[Any], object]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


BROKEN_SPEED = {
    "'commit' is missing": lambda r: r.pop("commit"),
    "kind 'size' is not known": lambda r: r.update(kind="size"),
    "at least one measurement": lambda r: r.update(measurements=[]),
    "its name is other--": lambda r: r.update(name="other"),
}
BROKEN_ACCURACY = {
    "'training' is missing": lambda r: r.pop("training"),
    "at least one row": lambda r: r.update(rows=[]),
    "'protocol' is missing": lambda r: r["rows"][0].pop("protocol"),
    "values without intervals": lambda r: r["rows"][0]["intervals"].pop("AUC"),
    "does not tell the seed": lambda r: r["training"].pop("seed"),
}


@pytest.mark.parametrize("message", BROKEN_SPEED)
def test_a_broken_speed_result_is_refused(message: str, speed: Result, write: Write):
    path = write(speed)
    edit(path, BROKEN_SPEED[message])
    with pytest.raises(ValueError, match=message) as caught:
        check_result(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("message", BROKEN_ACCURACY)
def test_a_broken_accuracy_result_is_refused(message: str, accuracy: Result, write: Write):
    path = write(accuracy)
    edit(path, BROKEN_ACCURACY[message])
    with pytest.raises(ValueError, match=message):
        check_result(path)


def test_an_agreement_that_calls_a_number_wrongly_is_refused(agreement: Result, write: Write):
    path = write(agreement)
    edit(path, lambda r: r["rows"][1].update(equal=True))
    with pytest.raises(ValueError, match="called wrongly"):
        check_result(path)
    edit(path, lambda r: r["rows"][1].pop("published"))
    with pytest.raises(ValueError, match="'published' is missing"):
        check_result(path)


def test_an_incomplete_result_is_not_written(speed: Result, write: Write, tmp_path: Path):
    speed["measurements"] = []
    with pytest.raises(ValueError, match="at least one measurement"):
        write(speed)
    assert not list(tmp_path.rglob("*.json"))
