from pathlib import Path

import pytest
import torch

from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import CheckpointError
from poseforge.profiling.throughput import cells
from poseforge.profiling.throughput.cells import Cell, Setting, TimedCell
from poseforge.profiling.throughput.grid import Grid, measure
from poseforge.profiling.throughput.turns import Effort
from tests.profiling.toys import (
    SLEEP,
    WORKSPACE,
    Large,
    Sleeping,
    Toy,
    WithoutHalf,
    Workspace,
    make_config,
)

CPU = Setting(torch.device("cpu"))
TWICE = Effort(repeats=2)


def troubles(found: list[TimedCell]) -> list[str | None]:
    return [cell.trouble and cell.trouble.short for cell in found]


@pytest.mark.parametrize("mode", ["infer", "train"])
def test_a_planted_sleep_is_found_in_every_batch(mode):
    grid = Grid(batch_sizes=(2, 1))
    found = measure([make_config(Sleeping)], grid, Setting(CPU.device, mode), TWICE)
    assert [cell.cell for cell in found] == [Cell("toy", n, "fp32", (32, 32)) for n in (1, 2)]
    for cell in found:
        least = SLEEP * cell.cell.batch_size
        assert [len(turn) for turn in cell.turns] == [1, 1]
        assert all(least <= seconds < 100 * least for (seconds,) in cell.turns)


def test_every_combination_is_a_cell_and_each_is_waited_for():
    advanced: list[None] = []
    grid = Grid((1, 2), ("fp32", "bf16"), ((32, 32), (64, 48)))
    configs = [make_config()]
    found = measure(configs, grid, CPU, TWICE, lambda: advanced.append(None))
    assert len({cell.cell for cell in found}) == len(found) == grid.size == 8
    assert troubles(found) == 8 * [None]
    assert len(advanced) == 8 * (1 + len(TWICE.turns))
    assert {cell.peak_bytes for cell in found} == {None}  # torch does not count it on the CPU


def test_what_does_not_fit_in_memory_is_said_and_the_rest_goes_on():
    found = measure([make_config(Large)], Grid((1, 2, 4)), CPU, TWICE)
    assert troubles(found) == [None, None, "out of memory"]
    assert found[1].turns
    assert not found[2].turns


def test_memory_may_run_out_late(monkeypatch: pytest.MonkeyPatch):
    calls = iter([None, None, None, None, torch.OutOfMemoryError("out of memory")])

    def forward(self, images):
        if error := next(calls, None):
            raise error
        return [self.conv(images)]

    monkeypatch.setattr(Toy, "forward", forward)
    found = measure([make_config()], Grid((1, 2)), CPU, TWICE)  # three warm up the first
    assert troubles(found) == [None, "out of memory"]


def test_a_precision_that_the_device_does_not_have():
    found = measure([make_config(WithoutHalf)], Grid((1,), ("fp32", "fp16")), CPU, TWICE)
    assert troubles(found) == [None, "fails"]
    assert found[1].trouble.sentence == (
        "the cpu fails in this precision, fp32 may do: not implemented for 'Half'"
    )


def test_a_size_that_the_model_is_not_for():
    model = {
        **make_config().model,
        "head": {
            "type": "RegressionHead",
            "in_features": 64,
            "num_keypoints": 14,
            "hidden": (),
            "loss": {"type": "CoordinateMSE"},
        },
    }
    del model["codec"]
    config = make_config(model=model, codec={"type": "Coordinates", "input_size": (32, 32)})
    found = measure([config], Grid(sizes=((32, 32), (64, 64))), CPU, TWICE)
    assert troubles(found) == [None, "fails"]
    assert found[1].trouble.sentence.startswith(
        "the config's model is for 32 x 32 and fails at this size: "
    )


def test_where_nothing_works_the_first_trouble_is_told():
    grid = Grid((8, 16), sizes=((30, 32),))  # of which a stride of 8 is no part
    with pytest.raises(ValueError, match="nothing can be timed: toy, 8 images of 30 x 32, fp32: "):
        measure([make_config()], grid, CPU, TWICE)


def test_a_batch_that_would_take_too_long_is_not_tried():
    effort = Effort(seconds=SLEEP / 10)
    found = measure([make_config(Sleeping)], Grid((1, 64)), CPU, effort)
    assert troubles(found) == [None, "too slow"]
    assert len(found[0].turns) == 1
    assert "give more --seconds, or --repeats" in found[1].trouble.sentence


def test_weights_come_from_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config = make_config()
    trained = build_estimator(config.model)
    torch.nn.init.constant_(trained.backbone.conv.weight, 7.0)
    path = tmp_path / "best.pth"
    weights = {"state_dict": trained.state_dict(), "meta": {}}
    write_checkpoint({**describe(trained, config), **weights}, path)
    seen = []

    def forward(self, images):
        seen.append(self.conv.weight.flatten()[0].item())
        return [self.conv(images)]

    monkeypatch.setattr(Toy, "forward", forward)
    setting = Setting(CPU.device, checkpoint=path)
    measure([config], Grid(), setting, TWICE)
    assert set(seen) == {7.0}
    with pytest.raises(ValueError, match="a checkpoint holds one model"):
        measure([config, config], Grid(), setting, TWICE)
    with pytest.raises(CheckpointError, match="there is no checkpoint file"):
        measure([config], Grid(), Setting(CPU.device, checkpoint=tmp_path / "no.pth"), TWICE)


def test_names_and_sizes_that_cannot_be():
    with pytest.raises(ValueError, match="two configs have one name"):
        measure([make_config(), make_config()], Grid(), CPU, TWICE)
    with pytest.raises(ValueError, match="each is 1 or more"):
        Grid((1, 0))
    with pytest.raises(ValueError, match=r"no codec.input_size"):
        measure([make_config(codec={"type": "Heatmap"})], Grid(), CPU, TWICE)


def test_peak_memory_leaves_out_what_other_cells_hold(monkeypatch: pytest.MonkeyPatch):
    (cell,) = measure([make_config()], Grid(), CPU, TWICE)
    image, points = 3 * 32 * 32, 4 * 2 * 14 + 4 * 14  # bytes; then matrix, center and index
    own = image + points + 4 * 6 + 4 * 2 + 8
    own += 4 * sum(t.numel() for t in cell._network.step.estimator.state_dict().values())
    own += 4 * 6  # normalisation's constants
    cell._device = torch.device("cuda", 0)
    monkeypatch.setattr(cells, "finish", lambda device: None)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: own + 10**9)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: None)
    peaks = iter([10**9 + own + 5000, 10**9 + own + 3000])
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: next(peaks))
    for turn in TWICE.turns:
        cell.take_turn(turn, TWICE.budget)
    assert cell.peak_bytes == own + 5000


@pytest.mark.gpu
def test_peak_memory_is_that_of_the_cell():
    configs = [make_config(Workspace)]
    setting = Setting(torch.device("cuda", 0))
    spare = torch.empty(10 * WORKSPACE, dtype=torch.uint8, device="cuda")
    (cell,) = measure(configs, Grid(), setting, TWICE)
    del spare
    assert WORKSPACE <= cell.peak_bytes < 1.2 * WORKSPACE
