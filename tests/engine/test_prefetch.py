import pytest
import torch

from poseforge.engine.prefetch import prefetched
from poseforge.testing import example_batch

CPU = torch.device("cpu")


def test_on_a_cpu_batches_are_given_as_they_come():
    asked = []

    def batches():
        for number in range(3):
            asked.append(number)
            yield example_batch((32, 48), 5, batch_size=2)

    given = prefetched(batches(), CPU)
    assert next(given)["image"].device == CPU
    assert asked == [0]  # nothing is to be copied, so nothing is asked for ahead
    assert len(list(given)) == 2


@pytest.mark.gpu
@pytest.mark.parametrize("channels_last", [False, True])
def test_on_a_gpu_every_batch_comes_whole_and_in_order(channels_last):
    device = torch.device("cuda")
    pinned = [
        {"image": torch.full((16, 3, 512, 512), n, dtype=torch.uint8).pin_memory()}
        for n in range(8)
    ]
    busy = torch.rand(4096, 4096, device=device)
    sums = []
    for batch in prefetched(pinned, device, channels_last=channels_last):
        busy = busy @ busy / busy.norm()  # the copies run beside the kernels of this stream
        assert batch["image"].device.type == "cuda"
        assert batch["image"].is_contiguous(memory_format=torch.channels_last) == channels_last
        sums.append(batch["image"].sum(dtype=torch.int64))
        del batch  # its memory must not be given to a copy while it is still summed
    size = pinned[0]["image"].numel()
    assert torch.stack(sums).tolist() == [n * size for n in range(8)]


@pytest.mark.gpu
def test_on_a_gpu_one_batch_is_copied_ahead():
    asked = []

    def batches():
        for number in range(4):
            asked.append(number)
            yield {"image": torch.zeros(1, 3, 8, 8, dtype=torch.uint8)}

    given = prefetched(batches(), torch.device("cuda"))
    for count in (2, 3, 4, 4):
        next(given)
        assert len(asked) == count
