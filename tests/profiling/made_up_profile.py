"""Profiles of a Convolutional Pose Machine that nobody ran: sizes are true, times are drawn."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from poseforge.profiling.record import (
    Advice,
    Ceilings,
    Kernel,
    Layer,
    Limit,
    Loading,
    Memory,
    Profile,
    Spread,
    Stage,
    Trial,
    Work,
)

BATCH, INPUT = 16, 368
NOTHING = Work()
MACHINES = {
    "cpu": Ceilings(95e9, 11e9, 4e-6, "convolution 3 × 3, contiguous, fp32"),
    "cuda": Ceilings(640e12, 2.6e12, 5e-6, "matrix product, bf16"),
}


@dataclass(frozen=True)
class Part:
    """A module before it has times: its own work forward, and its parameters."""

    name: str
    kind: str
    depth: int
    work: Work = NOTHING
    parameters: int = 0


def conv(name: str, depth: int, channels: tuple[int, int], kernel: int, cells: int) -> Part:
    """A convolution's work by hand: two operations a multiply-add, each tensor moved once."""
    into, out = channels
    weights = into * out * kernel**2
    area = BATCH * cells**2
    work = Work(2 * area * weights, 4 * (area * into + weights + out), 4 * area * out, 1)
    return Part(name, "Conv2d", depth, work, weights + out)


def elementwise(name: str, kind: str, depth: int, values: int) -> Part:
    return Part(name, kind, depth, Work(0, 4 * values, 4 * values, 1))


def tower(name: str) -> list[Part]:
    parts, cells, into = [Part(name, "Sequential", 3)], INPUT, 3
    for number in range(3):
        block = f"{name}.{number}"
        parts += [Part(block, "Sequential", 4), Part(f"{block}.0", "Sequential", 5)]
        parts += [conv(f"{block}.0.0", 6, (into, 128), 9, cells)]
        parts += [elementwise(f"{block}.0.1", "ReLU", 6, BATCH * 128 * cells**2)]
        parts += [elementwise(f"{block}.1", "MaxPool2d", 5, BATCH * 128 * cells**2)]
        cells, into = cells // 2, 128
    return parts


def stage(name: str, depth: int, into: int, kernels: tuple[int, ...]) -> list[Part]:
    parts, cells = [Part(name, "Sequential", depth)], INPUT // 8
    for number, kernel in enumerate(kernels):
        out = 15 if number == len(kernels) - 1 else 128
        parts.append(conv(f"{name}.{number}", depth + 1, (into, out), kernel, cells))
        into = out
    return parts


def parts() -> list[Part]:
    """Everything of the step, each part before what is below it."""
    maps = BATCH * 15 * 46**2
    return [
        Part("step", "step", 0),
        elementwise("copy to device", "step", 1, BATCH * 3 * INPUT**2 // 8),
        Part("codec.encode", "step", 1, Work(0, 4 * maps, 4 * maps, 23)),
        Part("model", "TopDown", 1, Work(0, 0, 0, 1)),
        Part("backbone", "CPMTowers", 2),
        *tower("backbone.first"),
        *tower("backbone.later"),
        Part("head", "CPMHead", 2, Work(0, 8 * maps, 8 * maps, 18)),
        *stage("head.first", 3, 128, (9, 1, 1)),
        Part("head.image_convs", "ModuleList", 3),
        *(conv(f"head.image_convs.{n}", 4, (128, 32), 5, 46) for n in range(5)),
        Part("head.later", "ModuleList", 3),
        *(p for n in range(5) for p in stage(f"head.later.{n}", 4, 48, (11, 11, 11, 1, 1))),
        Part("loss", "step", 1, Work(0, 12 * maps, 4 * maps, 42)),
        Part("optimizer", "step", 1, Work(0, 8 * 30_000_000, 8 * 30_000_000, 2)),
    ]


def cpm_profile(device: Literal["cpu", "cuda"] = "cuda", mode: str = "train") -> Profile:
    """Return a profile with all that a profile can hold; the same each time."""
    rng, ceilings, trains = np.random.default_rng(0), MACHINES[device], mode == "train"
    tree = parts()
    works = [_scaled(part.work, 3 if trains and part.kind != "step" else 1) for part in tree]
    limits = [_limit(work, ceilings) for work in works]
    own = [
        (limit.seconds / rng.uniform(0.25, 0.95) if limit else 0.0) + rng.uniform(1e-6, 4e-6)
        for limit in limits
    ]
    total = sum(own)
    layers = []
    for index, part in enumerate(tree):
        below = [n for n in range(index, len(tree)) if n == index or _inside(tree, index, n)]
        whole = sum(own[n] for n in below)
        layers.append(
            Layer(
                part.name,
                part.kind,
                part.depth,
                sum(tree[n].parameters for n in below),
                1.0,
                _spread(whole / 3 if trains else whole),
                _spread(whole * 2 / 3) if trains else None,
                _spread(own[index]),
                works[index].operations * ceilings.launch_s,
                own[index] / total,
                works[index],
                limits[index],
                own[index] * 0.9 if device == "cuda" else None,
                _kernels(part, own[index]) if device == "cuda" else (),
                int(2e9 + 1e7 * index) if device == "cuda" else None,
            )
        )
    return Profile(
        name="cpm_lsp",
        settings={
            "mode": mode,
            "device": device,
            "batch_size": BATCH,
            "input_size": [INPUT, INPUT],
            "precision": "bf16" if device == "cuda" else "fp32",
            "channels_last": False,
            "compile": False,
            "data": "LSP, training set",
            "steps": 20,
        },
        machine={"cpu": "AMD EPYC 9R14", "cores": 16, "gpu": "NVIDIA H100 80GB HBM3"}
        if device == "cuda"
        else {"cpu": "AMD EPYC 9R14", "cores": 2},
        versions={"python": "3.11.7", "torch": "2.14.1"},
        commit="41a3b56b1d3f06ee65047bffb007692401ebe2e7",
        date="2026-11-26",
        batch_size=BATCH,
        step_s=_spread(total * 1.03),
        hooked_s=_spread(total * 1.05),
        layers_s=total,
        ceilings=ceilings,
        layers=_advised(layers),
        bar=_bar(total, trains),
        loading=_loading(total),
        memory=_memory(total) if device == "cuda" else None,
        trials=(
            Trial("channels-last", _spread(BATCH / total / 1.03 * 1.31), Spread(1.31, 1.28, 1.33)),
            Trial("compile", _spread(BATCH / total), Spread(0.97, 0.92, 1.01)),
            Trial("amp fp16", None, None, "fp16 is not supported on this device"),
        ),
        max_batch=72 if device == "cuda" else None,
        notes=(
            "The backward pass is attributed to the layers that autograd ran it for.",
            "FLOPs are those of convolutions and matrix products alone.",
        ),
    )


def deep_profile(layers: int) -> Profile:
    """Return a profile of so many layers, each ten below one another."""
    profile = cpm_profile("cpu")
    leaf = next(layer for layer in profile.layers if layer.kind == "Conv2d")
    root = replace(profile.layers[0], own_s=Spread(0.0, 0.0, 0.0), share=0.0)
    tree = [
        replace(
            leaf,
            name=".".join(f"conv{n}" for n in range(number - number % 10, number + 1)),
            depth=1 + number % 10,
            share=1 / (layers - 1),
        )
        for number in range(layers - 1)
    ]
    whole = leaf.own_s.median * (layers - 1)
    return replace(profile, layers=(root, *tree), layers_s=whole, step_s=_spread(whole))


def _inside(tree: list[Part], index: int, other: int) -> bool:
    between = tree[index + 1 : other + 1]
    return other > index and all(part.depth > tree[index].depth for part in between)


def _scaled(work: Work, factor: int) -> Work:
    return Work(
        *(factor * value for value in (work.flops, work.read_bytes, work.written_bytes)),
        (factor * work.operations),
    )


def _limit(work: Work, ceilings: Ceilings) -> Limit | None:
    if not work.operations:
        return None
    times = {
        "arithmetic": work.flops / ceilings.flops_per_s,
        "memory": work.bytes / ceilings.bytes_per_s,
        "launch": work.operations * ceilings.launch_s,
    }
    bound = max(times, key=lambda name: times[name])
    return Limit(times[bound], bound, *times.values())  # type: ignore[arg-type]


def _spread(median: float) -> Spread:
    return Spread(median, median * 0.97, median * 1.06)


def _kernels(part: Part, own_s: float) -> tuple[Kernel, ...]:
    if part.kind != "Conv2d":
        name = f"void at::native::vectorized_elementwise_kernel<4, {part.kind}>(int)"
        return (Kernel(name, part.work.operations, own_s * 0.9),) if part.work.operations else ()
    return (
        Kernel("sm90_xmma_wgrad_implicit_gemm_indexed_bf16bf16_bf16f32_f32_nhwckrsc", 1, own_s / 2),
        Kernel("sm90_xmma_fprop_implicit_gemm_bf16bf16_bf16f32_f32_nhwckrsc_nhwc", 1, own_s / 4),
        Kernel("void cudnn::ops::nchwToNhwcKernel<__nv_bfloat16, float, 256>(…)", 3, own_s * 0.15),
    )


def _advised(layers: list[Layer]) -> tuple[Layer, ...]:
    words = {
        "arithmetic": (
            "Convolutions of this shape are faster with channels last.",
            "channels-last",
        ),
        "memory": ("Fuse it into the convolution before it.", "compile"),
        "launch": ("Its kernels are shorter than their launches: use a larger batch.", None),
    }
    largest = sorted(layers, key=lambda layer: -layer.own_s.median)[:10]
    return tuple(
        replace(
            layer,
            advice=Advice(
                words[layer.limit.bound][0],
                layer.own_s.median - layer.limit.seconds,
                words[layer.limit.bound][1],
            ),
        )
        if layer in largest and layer.limit
        else layer
        for layer in layers
    )


def _bar(total: float, trains: bool) -> tuple[Stage, ...]:
    names = ["waiting for data", "copy to device", "encode", "forward", "loss"]
    shares = [0.06, 0.01, 0.015, 0.86, 0.01]
    if trains:
        names = [*names, "backward", "optimizer"]
        shares = [0.06, 0.01, 0.015, 0.29, 0.01, 0.54, 0.03]
    step = total * 1.03
    bar = [Stage(name, step * share) for name, share in zip(names, shares, strict=True)]
    return (*bar, Stage("between", step * (1 - sum(shares))))


def _loading(total: float) -> Loading:
    stages = tuple(
        Stage(name, seconds)
        for name, seconds in (
            ("read and decode", 2.1e-3),
            ("RandomCrop", 1.3e-3),
            ("RandomFlip", 0.1e-3),
            ("ColorJitter", 0.9e-3),
        )
    )
    verdict = "The device waits 6 % of a step for data; two more workers would end that."
    return Loading(stages, BATCH / total * 1.2, total * 0.06, verdict)


def _memory(total: float) -> Memory:
    forward = np.concatenate([[0], np.cumsum(np.linspace(2.4e8, 4e7, 40))])
    used = np.concatenate([forward, forward[::-1][1:] * 0.98])
    times = np.linspace(0, total, len(used))
    timeline = tuple((float(t), int(1.1e9 + b)) for t, b in zip(times, used, strict=True))
    return Memory(max(b for _, b in timeline), "head.later.4.4", int(1.1e9), timeline)
