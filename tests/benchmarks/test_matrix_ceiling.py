import time

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.matrix_ceiling import Work, convolutions, products, rate

CPU = torch.device("cpu")


def test_work_is_what_torch_counts():
    for work in (*products((8, 16), CPU), *convolutions(((2, 4, 6, 3), (1, 8, 9, 7)), CPU)):
        with FlopCounterMode(display=False) as counter:
            work.call()
        assert work.flops == counter.get_total_flops()


def test_a_rate_is_operations_by_seconds():
    pause = Work("pause", 1e6, lambda: time.sleep(0.02), CPU)
    assert rate(pause) == pytest.approx(1e6 / 0.02, rel=0.3)
