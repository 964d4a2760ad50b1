"""Codecs leave the work to the device: no wait of the host, no break in a compiled graph."""

from collections.abc import Callable, Iterator, Sequence

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from poseforge.codecs import Codec, Coordinates, Heatmap, PartFields
from poseforge.structures import SKELETONS

LSP = SKELETONS["lsp14"]
SIZE = (64, 96)
FIELDS = PartFields(SIZE, 8, 8.0, 8.0, "lsp14")
CODECS = {
    "dark": Heatmap(SIZE, 8, 8.0, truncate=4.6, extra="background"),
    "quarter": Heatmap(SIZE, 8, 8.0, extra="sum", refine="quarter", half_stride=False),
    "argmax": Heatmap(SIZE, 8, 8.0, refine="argmax"),
    "coordinates": Coordinates(SIZE, centered=True),
    "fields": FIELDS,
}
Call = tuple[Callable[..., object], tuple[object, ...]]


def calls(codec: Codec) -> Iterator[Call]:
    """Yield every method of a codec with arguments on the CPU."""
    torch.manual_seed(0)
    people = (3,) if codec is FIELDS else ()
    points, visible = torch.rand(2, *people, 14, 2) * 60, torch.randint(0, 3, (2, *people, 14))
    ignored = (torch.rand(2, 1, 4) * 60,) if codec is FIELDS else ()
    yield codec.encode, (points, visible, *ignored)
    outputs = next(iter(codec.encode(points, visible).values()))
    yield codec.flip, (outputs, LSP)
    yield codec.unscale, (outputs, 1.25)
    if codec is not FIELDS:  # who is how many there are is known on the host
        yield codec.decode, (outputs,)


class NoWait(TorchDispatchMode):
    """Refuse what copies a tensor from the host to the device, for which the host waits."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        given = [item for item in tree_leaves((args, kwargs)) if isinstance(item, torch.Tensor)]
        made = [item for item in tree_leaves(found) if isinstance(item, torch.Tensor)]
        copies = "copy" in str(func)
        for item in given:
            if item.device.type == "cpu" and (item.dim() or copies):
                assert all(other.device.type == "cpu" for other in made), f"{func} copies"
        return found


@pytest.mark.parametrize("name", CODECS)
def test_the_host_never_waits_for_a_gpu(name: str):
    # Fake tensors say that they are on a GPU, hold nothing, and refuse to tell their values.
    for method, arguments in calls(CODECS[name]):
        with FakeTensorMode() as mode:
            fake = tree_map_only(
                torch.Tensor, lambda item: mode.from_tensor(item).to("cuda"), arguments
            )
            with NoWait():
                found = method(*fake)
        devices = {item.device.type for item in tree_leaves(found)}
        assert devices == {"cuda"}, f"{method.__name__} gives tensors on {devices}"


@pytest.mark.parametrize(
    "wait",
    [
        lambda points: points[..., [1, 0], :],
        lambda points: points[points > 0],
        lambda points: points.new_tensor([1.0, 2.0]),
        lambda points: points.zero_()[0, 0, 0].fill_(points.max().item()),
        lambda points: points[0, 0, 0].copy_(torch.tensor(1.0)),
    ],
)
def test_waits_are_seen(wait: Callable[[torch.Tensor], torch.Tensor]):
    with FakeTensorMode():
        points = torch.zeros(2, 5, 2, device="cuda")
        with NoWait(), pytest.raises((AssertionError, RuntimeError)):
            wait(points)


@pytest.mark.parametrize("name", CODECS)
def test_all_methods_are_compiled_into_one_graph(name: str):
    methods, arguments = zip(*calls(CODECS[name]), strict=True)

    def everything(arguments: Sequence[tuple[object, ...]]) -> list[object]:
        return [method(*given) for method, given in zip(methods, arguments, strict=True)]

    torch.compiler.reset()
    found = torch.compile(everything, fullgraph=True, backend="eager")(arguments)
    torch.testing.assert_close(found, everything(arguments), rtol=0, atol=0)


def test_fields_are_as_exact_under_autocast():
    encode, arguments = next(calls(FIELDS))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = encode(*arguments)
    torch.testing.assert_close(found, encode(*arguments), rtol=0, atol=0)


@pytest.mark.gpu
@pytest.mark.parametrize("name", CODECS)
def test_on_a_gpu_the_host_does_not_wait_and_results_are_those_of_the_cpu(name: str):
    for method, arguments in calls(CODECS[name]):
        there = tree_map_only(torch.Tensor, lambda item: item.cuda(), arguments)
        torch.cuda.set_sync_debug_mode("error")
        try:
            found = method(*there)
        finally:
            torch.cuda.set_sync_debug_mode("default")
        on_cpu = tree_map_only(torch.Tensor, lambda item: item.cpu(), found)
        torch.testing.assert_close(on_cpu, method(*arguments), rtol=1e-4, atol=1e-4)
