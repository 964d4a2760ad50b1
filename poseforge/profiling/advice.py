"""What could make the largest layers faster, and by how much at most."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from poseforge.profiling.record import Advice, Ceilings, Layer

NUMBER_ADVISED = 10
_CLOSE = 0.7  # of its limit: no more is to be had without less work
_WORTH = 0.05  # of a layer's time
_FUSED = {"BatchNorm2d", "SyncBatchNorm", "ReLU", "PReLU", "GELU", "SiLU", "Dropout2d", "Identity"}


@dataclass(frozen=True)
class Situation:
    """What the profile ran with, and what the machine could do otherwise.

    Args:
        trains: Whether there is a backward pass.
        precision: "fp32", "bf16" or "fp16".
        channels_last: Whether features lie so.
        compiled: Whether the model was compiled.
        batch_size: Images a step.
        half: Ceilings in bf16; None where the device has no faster arithmetic for it.
        other_layout: Ceilings in the other memory layout.
        of_pictures: The convolutions that read pictures, of 3 channels.
    """

    trains: bool
    precision: str
    channels_last: bool
    compiled: bool
    batch_size: int
    half: Ceilings | None
    other_layout: Ceilings | None
    of_pictures: frozenset[str] = frozenset()


def advised(layers: Sequence[Layer], ceilings: Ceilings, situation: Situation) -> list[Layer]:
    """Return the layers, the modules with the longest own times with what gains most."""
    modules = [layer for layer in layers if layer.kind != "step"]
    by_time = sorted(modules, key=lambda layer: -layer.own_s.median)[:NUMBER_ADVISED]
    largest = {layer.name for layer in by_time}
    return [
        replace(layer, advice=_best(layer, ceilings, situation)) if layer.name in largest else layer
        for layer in layers
    ]


def _best(layer: Layer, ceilings: Ceilings, situation: Situation) -> Advice | None:
    worth = _WORTH * layer.own_s.median
    options = [option for option in _options(layer, ceilings, situation) if option.gain_s > worth]
    return max(options, key=lambda option: option.gain_s, default=None)


def _options(layer: Layer, ceilings: Ceilings, situation: Situation) -> Iterator[Advice]:
    limit = layer.limit
    if limit is None:
        return
    own = layer.own_s.median
    if limit.bound == "launch":
        yield from _of_launches(layer, situation)
        return
    if limit.bound == "memory":
        yield from _of_memory(layer, situation)
    if limit.bound == "arithmetic":
        yield from _of_arithmetic(layer, ceilings, situation)
    if layer.of_limit is not None and layer.of_limit < _CLOSE:
        rest = own - limit.seconds
        if layer.name in situation.of_pictures:
            text = "few input channels leave the arithmetic units idle; stride or pack the image"
            yield Advice(text, rest, None if situation.channels_last else "channels-last")
        elif situation.batch_size < 8:
            yield Advice("a larger batch fills the device better", rest, "larger-batch")


def _of_launches(layer: Layer, situation: Situation) -> Iterator[Advice]:
    if layer.limit is None:
        return
    needed = max(layer.limit.arithmetic_s, layer.limit.memory_s, layer.kernel_s or 0.0)
    gain = layer.own_s.median - needed
    if not situation.compiled:
        yield Advice("many small operations; compile, which joins them", gain, "compile")
    yield Advice("a larger batch, which launches as often", gain, "larger-batch")


def _of_memory(layer: Layer, situation: Situation) -> Iterator[Advice]:
    own = layer.own_s.median
    if layer.kind == "BatchNorm2d" and not situation.trains:
        yield Advice("fold it into the convolution before it, as Predictor does", own)
    elif layer.kind in _FUSED and not situation.compiled:
        yield Advice("compile, which joins it with its neighbours", own, "compile")
    elif not situation.compiled:
        gain = own * (1 - 1 / max(layer.work.operations, 1))
        yield Advice("compile, which reads and writes once for several operations", gain, "compile")
    if situation.precision == "fp32" and situation.half is not None:
        yield Advice("half the bytes in mixed precision", own / 2, "bf16")


def _of_arithmetic(layer: Layer, ceilings: Ceilings, situation: Situation) -> Iterator[Advice]:
    own = layer.own_s.median
    if situation.precision == "fp32" and situation.half is not None:
        gain = own - layer.work.flops / situation.half.flops_per_s
        faster = situation.half.flops_per_s / ceilings.flops_per_s
        yield Advice(
            f"mixed precision, whose arithmetic is {faster:.1f} times as fast", gain, "bf16"
        )
    other = situation.other_layout
    if other is not None and not situation.channels_last:
        yield Advice(
            "channels-last, in which convolutions need no rearrangement",
            own - layer.work.flops / max(other.flops_per_s, ceilings.flops_per_s),
            "channels-last",
        )
