from pathlib import Path

import pytest

from benchmarks import scaling_on_paper
from benchmarks.scaling_on_paper import (
    Network,
    Work,
    efficiency,
    main,
    reduce_s,
    smallest_batch,
    step_s,
)

PAGE = Path(__file__).parents[2] / "docs" / "distributed.md"
# Of 1 GB of gradients, 1 s a step, links of 0.5 GB/s inside and 0.125 GB/s between machines.
WORK = Work("made up", 1.0, 10, 250_000_000)
NETWORK = Network("made up", 0.5e9, 0.125e9, gpus=4)


@pytest.fixture(autouse=True)
def round_numbers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "page" not in request.node.name:
        monkeypatch.setattr(scaling_on_paper, "ATTAINED", 1.0)
        monkeypatch.setattr(scaling_on_paper, "LATENCY_S", 0.0)
        monkeypatch.setattr(scaling_on_paper, "BUCKET", 25e6)


def test_a_case_computed_by_hand():
    # 4 GPUs: 2 · 3/4 · 1 GB / 0.5 GB/s = 3 s, of which 2/3 s are hidden.
    assert reduce_s(1e9, 4, NETWORK) == pytest.approx(3.0)
    assert step_s(WORK, 4, NETWORK) == pytest.approx(1 + 3 - 2 / 3)
    # 8 GPUs: 2 · 7/8 · 1 GB / 0.125 GB/s = 14 s.
    assert step_s(WORK, 8, NETWORK) == pytest.approx(1 + 14 - 2 / 3)
    assert efficiency(WORK, 8, NETWORK) == pytest.approx(3 / 43)
    # Computing for 20 s hides the 14 s, but for the last 25 MB: 0.35 s.
    long = Work("longer", 21.0, 210, 250_000_000)
    assert step_s(long, 8, NETWORK) == pytest.approx(21.35)


def test_latency_counts_once_a_hop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scaling_on_paper, "LATENCY_S", 0.01)
    assert reduce_s(0, 4, NETWORK) == pytest.approx(0.06)


def test_the_least_batch_is_where_the_efficiency_passes_the_floor():
    # At s seconds a step: s / (s + 14 - 2/3 s) = 0.8, so s (1 - 0.8 / 3) = 11.2 and s = 15.27;
    # a sample takes 0.1 s.
    assert smallest_batch(WORK, 8, NETWORK) == 153
    assert smallest_batch(WORK, 8, Network("none", 1.0, 1.0)) is None


def test_the_page_holds_what_the_script_prints(capsys: pytest.CaptureFixture[str]):
    assert main([]) == 0
    assert capsys.readouterr().out in PAGE.read_text(encoding="utf-8")
