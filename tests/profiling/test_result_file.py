import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from poseforge.profiling.result_file import (
    Result,
    file_name,
    measurement,
    new_result,
    ratio,
    read_result,
    write_result,
)


@pytest.fixture
def result() -> Result:
    """A result of one timing."""
    values = [measurement("model: step", "images/s", [110.0, 90.0, 100.0])]
    return new_result("speed", "rate", device=torch.device("cpu"), settings={}, measurements=values)


def test_a_result_comes_back_as_written_from_any_file(result: Result, tmp_path: Path):
    path = tmp_path / "new folder" / "any name.json"
    write_result(result, path)
    assert read_result(path) == result


def test_a_measurement_holds_its_repeats_and_their_spread():
    found = measurement("step", "ms", [3, 1, 8])
    assert (found["median"], found["low"], found["high"]) == (3.0, 1.0, 8.0)
    assert found["values"] == [3.0, 1.0, 8.0]


def test_a_ratio_is_taken_repeat_by_repeat():
    above, below = measurement("a", "s", [2, 9, 8]), measurement("b", "s", [1, 3, 2])
    assert ratio("a ÷ b", above, below)["values"] == [2.0, 3.0, 4.0]


BROKEN = {
    "'commit' is missing": lambda r: r.pop("commit"),
    "'settings' cannot be a list": lambda r: r.update(settings=[]),
    "'cores' is missing": lambda r: r["machine"].pop("cores"),
    "versions must tell": lambda r: r["versions"].pop("torch"),
    "not a day": lambda r: r.update(date="yesterday"),
    "schema 2": lambda r: r.update(schema=2),
    "raw repeats": lambda r: r["measurements"][0].update(values=[]),
    "the median of 'model: step'": lambda r: r["measurements"][0].update(median=109.0),
    "the high of 'model: step'": lambda r: r["measurements"][0].update(high=300.0),
}


@pytest.mark.parametrize("message", BROKEN)
def test_a_broken_result_is_neither_read_nor_written(message: str, result: Any, tmp_path: Path):
    path = tmp_path / "a.json"
    write_result(result, path)
    change: Callable[[Any], object] = BROKEN[message]
    change(result)
    with pytest.raises(ValueError, match=message) as caught:
        write_result(result, path)
    assert "\n" not in str(caught.value)
    read_result(path)  # is as it was
    path.write_text(json.dumps(result))
    with pytest.raises(ValueError, match=message):
        read_result(path)


@pytest.mark.parametrize(("text", "message"), [("{", "is not JSON"), ("[]", "holds a list")])
def test_what_is_no_result_is_refused(text: str, message: str, tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_result(path)


def test_a_file_is_named_after_the_gpu_else_the_processor():
    cpu = {"cpu": "Intel(R) Xeon(R) @ 2.50GHz", "cores": 2, "gpu": None}
    assert file_name("rate", cpu) == "rate--intel-r-xeon-r-2-50ghz.json"
    assert file_name("rate", {**cpu, "gpu": "NVIDIA H200"}) == "rate--nvidia-h200.json"
