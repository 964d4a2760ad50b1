import pytest
import torch

from poseforge.models.device import autocast, choose_device, to_device
from poseforge.testing import example_batch


def test_what_is_named_is_chosen_and_else_a_gpu(monkeypatch: pytest.MonkeyPatch):
    assert choose_device("cpu") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device(None) == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device(None) == torch.device("cuda", 0)
    assert choose_device("cuda", process=1) == torch.device("cuda", 1)
    assert choose_device("cuda:0", process=1) == torch.device("cuda", 0)
    with pytest.raises(ValueError, match=r"'cuda:2' is not there: this machine has 2 usable GPUs"):
        choose_device(None, process=2)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tpu", "'tpu' is not a device; use 'cpu' or 'cuda'"),
        ("meta", "'meta' is not supported"),
        ("cuda:99", "cuda:99' is not there"),
    ],
)
def test_what_is_no_device(name: str, message: str):
    with pytest.raises(ValueError, match=message):
        choose_device(name)


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_moved_batch_is_the_same_in_the_layout_asked_for(channels_last: bool):
    batch = example_batch((32, 48), 14)
    moved = to_device(batch, torch.device("cpu"), channels_last=channels_last)
    assert moved.keys() == batch.keys()
    for name, tensor in moved.items():
        assert torch.equal(tensor, batch[name])
    assert moved["image"].is_contiguous(memory_format=torch.channels_last) == channels_last


@pytest.mark.parametrize(
    ("amp", "dtype"), [(None, torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)]
)
def test_precision_is_that_of_products(amp, dtype):
    with autocast("cpu", amp):
        assert torch.nn.functional.linear(torch.ones(2, 2), torch.ones(2, 2)).dtype == dtype
