"""Scenes through the engine: from batches of images to detections, scores and pictures."""

import numpy as np
import pytest
import torch

from poseforge.datasets import Scenes, SyntheticPeople, build_loader
from poseforge.engine.evaluation import predict_dataset, score
from poseforge.engine.pictures import CELL, prediction_sheet
from poseforge.evaluation.average_precision import OKSAP
from poseforge.structures import Detections
from poseforge.transforms import Crop, Read


class Oracle(torch.nn.Module):
    """Predicts the labelled keypoints of everybody, in falling order of the people's numbers."""

    def forward(self, batch, mode):
        shown = batch["visible"] > 0
        inverse = torch.linalg.inv(batch["matrix"][:, :, :2])
        points = batch["keypoints"] - batch["matrix"][:, None, None, :, 2]
        points = torch.einsum("bij,bpkj->bpki", inverse, points)
        points = points.masked_fill(~shown[..., None], torch.nan)
        keep = self.keep(len(shown), shown.shape[1])
        return dict(keypoints=points, scores=torch.where(keep[..., None] & shown, 0.5, 0.0))

    def keep(self, scenes, people):
        return torch.ones(scenes, people, dtype=torch.bool)


class Blind(Oracle):
    def keep(self, scenes, people):
        return torch.zeros(scenes, people, dtype=torch.bool)


def predictions_of(model, dataset):
    loader = build_loader(dataset, [Read(), Crop((64, 48), 1.0)], batch_size=3, train=False)
    return predict_dataset(model, loader, dataset.sample_names, torch.device("cpu"))


@pytest.fixture(scope="module")
def scenes():
    return Scenes(SyntheticPeople(24, people=(1, 4), size=64, seed=3))


def test_everyone_found_scores_100_and_nobody_found_0(scenes):
    found = predictions_of(Oracle(), scenes)
    assert isinstance(found, Detections)
    assert len(found) == scenes.people.to_find.sum() == 24
    assert found.image_ids.tolist() == sorted(found.image_ids)
    assert found.keypoints.shape == (24, 14, 2)
    (report,) = score(found, scenes, [OKSAP()])
    assert report.values["AP"] == pytest.approx(100)
    nobody = predictions_of(Blind(), scenes)
    assert len(nobody) == 0
    (report,) = score(nobody, scenes, [OKSAP()])
    assert report.values["AP"] == 0


def test_a_person_is_ranked_by_the_mean_over_all_keypoints(scenes):
    found = predictions_of(Oracle(), scenes)
    np.testing.assert_allclose(found.person_scores, found.scores.mean(axis=-1))
    assert (found.scores[np.isnan(found.keypoints).any(axis=-1)] == 0).all()


def test_a_scene_that_is_missing_or_comes_twice_is_noticed(scenes):
    loader = build_loader(scenes, [Read(), Crop((64, 48), 1.0)], batch_size=3, train=False)
    batches = list(loader)
    for wrong in (batches[1:], [*batches, batches[0]]):
        with pytest.raises(RuntimeError, match="every sample must come exactly once"):
            predict_dataset(Oracle(), wrong, scenes.sample_names, torch.device("cpu"))


def test_a_sheet_shows_all_that_was_found_in_each_picture(scenes):
    found, nobody = predictions_of(Oracle(), scenes), predictions_of(Blind(), scenes)
    shown = prediction_sheet(scenes, found, [0, 1, 2], columns=3)
    plain = prediction_sheet(scenes, nobody, [0, 1, 2], columns=3)
    assert shown.shape == plain.shape
    for cell in range(3):
        part = slice(cell * CELL, (cell + 1) * CELL)
        assert (shown[:, part] != plain[:, part]).any()
