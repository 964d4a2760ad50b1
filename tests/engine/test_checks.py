import pytest

from poseforge.datasets import Scenes, SyntheticPeople, build_loader
from poseforge.engine.checks import SetupError, check_samples, check_workers
from poseforge.engine.settings import LoaderSettings
from poseforge.models import build_estimator
from poseforge.testing import example_batch
from poseforge.transforms import Crop, Read
from tests.models.estimators.test_bottom_up import CONFIG as BOTTOM_UP


def test_more_workers_than_memory_allows_are_refused_before_they_begin():
    stream = {(0, 0): {"arrays": {"image": example_batch((192, 256), 17)["image"][0].numpy()}}}
    settings = LoaderSettings(dataset={}, transforms=[], batch_size=64, num_workers=100_000)
    with pytest.raises(
        SetupError, match=r"val_dataloader: num_workers=100000 with batches of 9 MB"
    ):
        check_workers("val_dataloader", stream, settings)
    check_workers("val_dataloader", stream, LoaderSettings({}, [], batch_size=4, num_workers=1))


def test_scenes_to_train_on_have_any_size_that_the_cells_divide():
    estimator = build_estimator(BOTTOM_UP)  # of 64 x 48, cells of 8
    scenes = Scenes(SyntheticPeople(4, people=(1, 2), size=64, seed=3))

    def check(size, role, *, train):
        loader = build_loader(scenes, [Read(), Crop(size, 1.0)], batch_size=2, train=False)
        check_samples(role, loader.dataset, estimator, train=train)

    check((64, 48), "val_dataloader", train=False)
    check((32, 40), "train_dataloader", train=True)
    with pytest.raises(
        SetupError, match=r"train_dataloader: .* stride=8 does not divide input_size=\(32, 36\)"
    ):
        check((32, 36), "train_dataloader", train=True)
    with pytest.raises(SetupError, match=r"val_dataloader: .* crops of 32 x 40 pixels, but"):
        check((32, 40), "val_dataloader", train=False)
