import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.result import (
    RESULTS,
    Result,
    check_result,
    measurement,
    ratio,
)

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


def test_a_measurement_holds_its_repeats_and_their_spread():
    found = measurement("step", "ms", [3, 1, 8])
    assert (found["median"], found["low"], found["high"]) == (3.0, 1.0, 8.0)
    assert found["values"] == [3.0, 1.0, 8.0]


def test_a_ratio_is_taken_repeat_by_repeat():
    above, below = measurement("a", "s", [2, 9, 8]), measurement("b", "s", [1, 3, 2])
    assert ratio("a ÷ b", above, below)["values"] == [2.0, 3.0, 4.0]


def edit(path: Path, change: Callable[[Any], object]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


BROKEN_SPEED = {
    "'commit' is missing": lambda r: r.pop("commit"),
    "'settings' cannot be a list": lambda r: r.update(settings=[]),
    "'cores' is missing": lambda r: r["machine"].pop("cores"),
    "versions must tell": lambda r: r["versions"].pop("torch"),
    "not a day": lambda r: r.update(date="yesterday"),
    "kind 'size' are not known": lambda r: r.update(kind="size"),
    "schema 2": lambda r: r.update(schema=2),
    "at least one measurement": lambda r: r.update(measurements=[]),
    "raw repeats": lambda r: r["measurements"][0].update(values=[]),
    "the median of 'model: step'": lambda r: r["measurements"][0].update(median=109.0),
    "the high of 'model: step'": lambda r: r["measurements"][0].update(high=300.0),
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


@pytest.mark.parametrize(("text", "message"), [("{", "is not JSON"), ("[]", "holds a list")])
def test_what_is_no_result_is_refused(text: str, message: str, tmp_path: Path):
    path = tmp_path / "a--b.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        check_result(path)


def test_an_incomplete_result_is_not_written(speed: Result, write: Write, tmp_path: Path):
    speed["measurements"] = []
    with pytest.raises(ValueError, match="at least one measurement"):
        write(speed)
    assert not list(tmp_path.rglob("*.json"))
