"""Counts against what a pencil gives."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from poseforge.profiling.record import Work
from poseforge.profiling.spans import Key, Recorder
from poseforge.profiling.work import WorkCounter


def counted(work):
    recorder = Recorder(torch.device("cpu"))
    with recorder.span("all"), WorkCounter(recorder) as counter:
        work()
    return counter.work[Key("all", "forward")]


def test_a_convolution():
    """Each of 2·8·6·7 outputs takes 3·5·5 multiply-adds, and the bias."""
    conv = nn.Conv2d(3, 8, 5, padding=2)
    image = torch.rand(2, 3, 6, 7)
    with torch.no_grad():
        found = counted(lambda: conv(image))
    outputs = 2 * 8 * 6 * 7
    read = 4 * (2 * 3 * 6 * 7 + 8 * 3 * 5 * 5 + 8)
    assert found == Work(2 * outputs * 75, read, 4 * outputs, 1)


def test_training_a_convolution_takes_three_times_its_arithmetic():
    """The gradients of input and weights cost a forward pass each."""
    conv = nn.Conv2d(3, 8, 3, padding=1, bias=False)
    image = torch.rand(1, 3, 10, 10, requires_grad=True)
    found = counted(lambda: conv(image).backward(torch.ones(1, 8, 10, 10)))
    assert found.flops == 3 * 2 * 800 * 27


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_linear_layer_in_any_mode(mode):
    layer, rows = nn.Linear(10, 4), torch.rand(3, 10)
    with mode():
        found = counted(lambda: layer(rows))
    assert found.flops == 2 * 3 * 10 * 4
    assert found.bytes == 4 * (30 + 40 + 4 + 12)


def test_views_are_free_and_changes_in_place_are_written():
    x = torch.rand(4, 6)
    assert counted(lambda: x.reshape(2, 12).transpose(0, 1)[3:]) == Work()
    assert counted(lambda: torch.empty(100)) == Work()
    assert counted(lambda: F.relu(x, inplace=True)) == Work(0, 96, 96, 1)
    assert counted(lambda: x.copy_(torch.zeros(1).expand(4, 6))).read_bytes >= 4


def test_what_is_repeated_is_read_once():
    row = torch.rand(1, 5).expand(100, 5)
    assert counted(lambda: row.exp()) == Work(0, 20, 2000, 1)


def test_work_belongs_to_the_innermost_span():
    recorder = Recorder(torch.device("cpu"))
    a, b = torch.rand(5, 5), torch.rand(5, 5)
    with recorder.span("outer"), WorkCounter(recorder) as counter:
        a @ b
        with recorder.span("inner"):
            a @ b @ b
    flops = {key.name: work.flops for key, work in counter.work.items()}
    assert flops == {"outer": 250, "inner": 500}
