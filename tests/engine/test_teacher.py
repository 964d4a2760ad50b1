import numpy as np
import pytest

from poseforge.datasets import SyntheticPeople
from poseforge.engine import benchmark as testing
from poseforge.engine.teacher import disagreement_sheet, predict_people
from poseforge.engine.train import train
from poseforge.inference.checkpoint_model import load_model


@pytest.mark.parametrize("flip", [False, True])
def test_its_poses_are_those_of_the_test(make_config, console, flip):
    config = make_config("train_cfg.max_epochs=1")
    file = train(config, console, launcher="none", resume=None).work_dir / "last.pth"
    expected = testing.benchmark(
        config, file, console, test_time=testing.TestTime(flip=flip)
    ).predictions
    told = []
    people = SyntheticPeople(num_people=7, seed=1, size=48)
    found = predict_people(
        load_model(file), people, flip=flip, device="cpu", progress=lambda *n: told.append(n)
    )
    np.testing.assert_allclose(found.keypoints, expected.keypoints, atol=1e-3)
    assert told == [(7, 7)]
    sheet = disagreement_sheet(people, found, [0, 3, 6], columns=2)
    assert sheet.shape[1] > sheet.shape[0]


def test_a_model_of_other_keypoints_is_refused(make_config, console):
    file = train(make_config("train_cfg.max_epochs=1"), console, launcher="none", resume=None)
    people = SyntheticPeople(num_people=3, size=48)
    people.skeleton = type(people.skeleton)("other", ("nose",))
    teacher = load_model(file.work_dir / "last.pth")
    with pytest.raises(ValueError, match="predicts 'lsp14', and synthetic is labelled by 'other'"):
        predict_people(teacher, people)
