import pytest

from poseforge.engine.checks import SetupError, check_workers
from poseforge.engine.settings import LoaderSettings
from poseforge.testing import example_batch


def test_more_workers_than_memory_allows_are_refused_before_they_begin():
    stream = {(0, 0): {"arrays": {"image": example_batch((192, 256), 17)["image"][0].numpy()}}}
    settings = LoaderSettings(dataset={}, transforms=[], batch_size=64, num_workers=100_000)
    with pytest.raises(
        SetupError, match=r"val_dataloader: num_workers=100000 with batches of 9 MB"
    ):
        check_workers("val_dataloader", stream, settings)
    check_workers("val_dataloader", stream, LoaderSettings({}, [], batch_size=4, num_workers=1))
