import numpy as np
import pytest
import torch
from torch import nn

from poseforge.datasets.loading import EpochSampler
from poseforge.engine import process_group
from poseforge.engine.evaluation import predict_dataset
from poseforge.engine.process_group import joined
from tests.engine.processes import run_together


class Telling(nn.Module):
    """A model whose poses are the samples' numbers."""

    def forward(self, batch: dict[str, torch.Tensor], mode: str) -> dict[str, torch.Tensor]:
        number = batch["index"].float()
        return {"keypoints": number[:, None, None].expand(-1, 3, 2), "scores": number[:, None]}


def predict_in(size: int, samples: int, *, lost: int | None = None) -> list:
    """Predict `samples` samples in `size` processes, batches of 2; `lost` comes to nobody."""
    names = np.array([f"person {number}" for number in range(samples)])

    def task(rank: int) -> tuple[list[str], list[float]]:
        with joined("pytorch", "cpu") as world:
            share = EpochSampler(
                samples, 2, shuffle=False, rank=rank, world_size=world.size, drop_last=False
            )
            batches = [
                {"index": torch.tensor([row for _, row in batch if row != lost])} for batch in share
            ]
            found = predict_dataset(Telling(), batches, names, torch.device("cpu"))
            return list(found.ids), found.keypoints[:, 0, 0].tolist()

    return run_together(size, task)


@pytest.mark.parametrize(("size", "samples"), [(2, 5), (3, 5), (3, 7), (4, 2)])
def test_shares_that_differ_in_size_give_each_sample_once_to_every_process(size: int, samples: int):
    names = [f"person {number}" for number in range(samples)]
    assert predict_in(size, samples) == [(names, list(map(float, range(samples))))] * size


def test_a_sample_that_nobody_saw_is_missed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process_group, "GRACE_S", 1.0)
    ends = predict_in(2, 5, lost=3)
    assert any("saw 4 samples, 4 of them different, of a data set of 5" in str(e) for e in ends)
