import pytest
import torch
from rich.console import Console

from poseforge.profiling.throughput.cells import Setting, TimedCell, Trouble
from poseforge.profiling.throughput.grid import Network
from poseforge.profiling.throughput.report import measurements, remarks, tables
from poseforge.profiling.throughput.turns import Effort
from tests.profiling.toys import make_config

CPU = Setting(torch.device("cpu"))
SECONDS = Effort(seconds=5.0)


def timed(turns: list[list[float]], *, batch_size: int = 4, precision: str = "fp32") -> TimedCell:
    cell = TimedCell(Network(make_config(), (32, 32), precision, CPU, None), batch_size)
    cell.turns = turns
    return cell


def failed(short: str, sentence: str) -> TimedCell:
    cell = timed([], batch_size=99)
    cell.trouble = Trouble(short, sentence)
    return cell


def text_of(cells: list[TimedCell]) -> str:
    console = Console(width=80, markup=False, highlight=False)
    with console.capture() as capture:
        for table in tables(cells):
            console.print(table)
    return capture.get()


def test_numbers_follow_from_the_turns():
    latency, p95, rate = measurements([timed([[0.1, 0.3], [0.2]]), failed("fails", "x")])
    assert latency["name"] == "toy, 4 images of 32 x 32, fp32: latency"
    assert (latency["unit"], latency["values"], latency["median"]) == ("s", [0.1, 0.3, 0.2], 0.2)
    assert p95["values"] == pytest.approx([0.29])  # 9 tenths of the way from 0.2 to 0.3
    assert rate["unit"] == "images/s"
    assert rate["values"] == pytest.approx([8 / 0.4, 4 / 0.2])


def test_peak_memory_is_told_where_it_was_counted():
    cell = timed([[0.1]])
    cell.peak_bytes = 12_345_000_000
    *_, memory = measurements([cell])
    assert (memory["unit"], memory["values"]) == ("MB", [12345.0])
    titles, _, numbers, *_ = filter(str.strip, text_of([cell]).splitlines()[1:])
    assert titles.split()[-2:] == ["peak", "MB"]
    assert numbers.split()[-1] == "12345"
    assert "peak MB" not in text_of([timed([[0.1]])])


def test_the_table_holds_numbers_and_what_has_none_in_80_columns():
    cells = [timed([[0.01], [0.03], [0.02]]), failed("out of memory", "x")]
    lines = [line.split() for line in text_of(cells).splitlines()]
    numbers = ["4", "32x32", "fp32", "3", "20.0", "29.0", "10.0–30.0", "200", "133–400"]
    assert numbers in lines
    assert ["99", "32x32", "fp32", "out", "of", "memory"] in lines
    slow = timed([[123.456]] * 5, batch_size=1024)
    assert "123456–123456" in text_of([slow])


def test_remarks_tell_troubles_few_batches_and_slow_precisions():
    cells = [
        timed([[0.1]] * 5),
        timed([[1.2]] * 4, precision="bf16"),
        timed([[0.14]] * 5, precision="fp16"),
        failed("fails", "because."),
    ]
    assert remarks(cells, CPU, SECONDS) == [
        "toy, 99 images of 32 x 32, fp32: because.",
        "fewer than 5 batches went into 5 s of toy, 4 images of 32 x 32, bf16; give more "
        "--seconds, or --repeats",
        "toy: bf16 takes up to 12.0 times as long as fp32; this device seems to have no "
        "instructions for bf16",
    ]
    assert remarks(cells[:1], CPU, Effort(repeats=1)) == []
