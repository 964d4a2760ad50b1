"""How much of a GPU's matrix arithmetic a training of CPM gets, and whether loaders keep up.

    python -m benchmarks.utilisation --device cuda

CPM as released, 368 x 368, in bf16: the operations of its training steps a second as a share of
what large matrix products reach in the same rounds, layer by layer and compiled, in both memory
layouts; then the fastest of these fed by loaders, against the same steps on one batch of noise.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.matrix_ceiling import Work, convolutions, products, rate
from benchmarks.model_flops import training_flops
from benchmarks.speed_script import add_training_options, options_parser, publish
from benchmarks.timed_training import Feed, Plan, TimedTraining
from benchmarks.tiny import has_leeds, tiny_overrides
from poseforge.engine.config import RunConfig, load_config
from poseforge.engine.distributed import World, claim_device
from poseforge.profiling.result_file import Measurement, measurement, ratio

CONFIG = Path(__file__).parents[1] / "configs" / "cpm_lsp.py"
GENERATED = "{'type':'SyntheticPeople','num_people':20000,'size':400}"
LAYOUT, COMPILED = "train_cfg.channels_last=True", "train_cfg.compile=default"
VARIANTS = {
    "plain": (),
    "channels-last": (LAYOUT,),
    "compiled": (COMPILED,),
    "channels-last, compiled": (LAYOUT, COMPILED),
}
AUGMENT = ("cpu", "device")
BATCHES = (16, 32)
SIDES = (4096, 8192, 16384)
SHAPES = ((32, 512, 64, 3), (32, 256, 64, 7), (32, 128, 92, 7))  # batch, channels, cells, kernel
PRODUCT, CONVOLUTION = "the fastest matrix product", "the fastest convolution"
SHARE, BUSY = 0.5, 0.95  # what is promised
NOTES = (
    "Operations are counted over the convolutions of forward and backward pass, two a "
    "multiply-add; what is computed a second time is not counted again.",
    "Convolutions held against are forward passes in channels-last, by the algorithm that cuDNN "
    "finds fastest; products and convolutions are timed in turn with the steps.",
    "Steps with data loading ÷ steps alone is the least share of the time that the GPU is busy.",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    options = _arguments(arguments)
    plan = Plan(2, 1, 2) if options.tiny else Plan(10, 3, options.repeats)
    # Each variant is compiled for its own shapes, as in a run of its own. A trial compiles nothing:
    # that takes minutes, however small the model.
    torch._dynamo.config.automatic_dynamic_shapes = False
    torch.compiler.set_stance("force_eager" if options.tiny else "default")
    try:
        device = claim_device(options.device, World())
        measurements = measure(options, plan, device)
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    finally:
        torch.compiler.set_stance("default")
    publish(
        options.name,
        options,
        measurements,
        settings={
            "plan": vars(plan),
            "num_workers": options.workers,
            "data": "LSP and LSPET" if has_leeds() else "generated people",
        },
        notes=[*NOTES, *promises(measurements)],
        device=device,
    )
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = options_parser("Measure how busy a training keeps a GPU.")
    add_training_options(parser, name="utilisation")
    parser.add_argument("--repeats", type=int, default=5, help="timings of each part")
    return parser.parse_args(arguments)


def config_of(options: argparse.Namespace, batch_size: int, *overrides: str) -> RunConfig:
    """Return CPM's config, with generated people where the Leeds data sets are not at hand."""
    chosen = tiny_overrides(CONFIG) if options.tiny else []
    if not has_leeds():
        chosen.append(f"train_dataloader.dataset={GENERATED}")
    chosen += [
        f"train_dataloader.batch_size={batch_size}",
        f"train_dataloader.num_workers={options.workers}",
        "optim_wrapper.amp=bf16",
    ]
    return load_config(CONFIG, [*chosen, *overrides])


def measure(options: argparse.Namespace, plan: Plan, device: torch.device) -> list[Measurement]:
    """Measure the arithmetic of all variants, and how loaders feed the fastest one."""
    forward, both = training_flops(config_of(options, 1))
    counted = [
        measurement("operations an image, forward", "GFLOP", [forward / 1e9]),
        measurement("operations an image, forward and backward", "GFLOP", [both / 1e9]),
    ]
    models = {
        (batch, variant): TimedTraining(config_of(options, batch, *overrides), device)
        for batch in ((2, 4) if options.tiny else BATCHES)
        for variant, overrides in VARIANTS.items()
    }
    steps, rates = arithmetic(models, both, plan, _ceilings(device, tiny=options.tiny))
    fastest = max(steps, key=lambda key: steps[key]["median"])
    overrides = VARIANTS[fastest[1]]
    feeds = {
        f"fed with augment={augment}": Feed(
            config_of(options, fastest[0], *overrides, f"train_dataloader.augment={augment}"),
            models[fastest].estimator,
        )
        for augment in AUGMENT
    }
    if not options.tiny:  # workers finish their batches all at once: take the mean of many times
        plan = replace(plan, steps=6 * options.workers)
    fed = feeding(_name(*fastest), models[fastest], feeds, plan)
    return [*counted, *rates, *fed]


def _ceilings(device: torch.device, *, tiny: bool) -> dict[str, list[Work]]:
    return {
        PRODUCT: products((64,) if tiny else SIDES, device),
        CONVOLUTION: convolutions(((1, 8, 16, 3),) if tiny else SHAPES, device),
    }


def arithmetic(
    models: Mapping[tuple[int, str], TimedTraining],
    flops: float,
    plan: Plan,
    ceilings: Mapping[str, Sequence[Work]],
) -> tuple[dict[tuple[int, str], Measurement], list[Measurement]]:
    """Time all models' steps and all that they are held against, in turn.

    Args:
        models: By batch size and variant.
        flops: Operations an image.
        plan: How long.
        ceilings: Kinds of matrix arithmetic, each at several sizes.

    Returns:
        The steps' rates by model; and all rates, with the shares of each kind's fastest.
    """
    at_most: dict[str, list[float]] = {}
    of_steps: dict[tuple[int, str], list[float]] = {key: [] for key in models}
    for _ in range(plan.repeats):
        for work in (work for kind in ceilings.values() for work in kind):
            at_most.setdefault(work.name, []).append(rate(work) / 1e12)
        for (batch, variant), model in models.items():
            taken = model.alone(plan, model.train)
            of_steps[batch, variant].append(plan.steps * batch * flops / taken / 1e12)
    found = {name: measurement(name, "TFLOP/s", values) for name, values in at_most.items()}
    steps = {key: measurement(_name(*key), "TFLOP/s", rates) for key, rates in of_steps.items()}
    shares = [
        ratio(f"{step['name']} ÷ {name}", step, max((found[w.name] for w in kind), key=_median))
        for name, kind in ceilings.items()
        for step in steps.values()
    ]
    return steps, [*found.values(), *steps.values(), *shares]


def feeding(
    name: str, model: TimedTraining, feeds: Mapping[str, Feed], plan: Plan
) -> list[Measurement]:
    """Return images a second of a model's steps alone and fed by loaders, timed in turn."""
    rates: dict[str, list[float]] = {case: [] for case in ("alone", *feeds)}
    for _ in range(plan.repeats):
        for case, values in rates.items():
            feed = feeds.get(case)
            taken = model.alone(plan, model.train) if feed is None else model.fed(plan, feed)
            values.append(plan.steps * model.batch_size / taken)
    alone, *fed = (
        measurement(f"{name}, {case}", "images/s", values) for case, values in rates.items()
    )
    return [alone, *fed, *(ratio(f"{item['name']} ÷ alone", item, alone) for item in fed)]


def promises(measurements: Sequence[Measurement]) -> Iterator[str]:
    """Say of each promise whether it is kept, by medians."""
    found = {item["name"]: item["median"] for item in measurements}
    kept = {
        f"of {PRODUCT}": (SHARE, max(v for n, v in found.items() if n.endswith(f"÷ {PRODUCT}"))),
        **{name: (BUSY, value) for name, value in found.items() if name.endswith("÷ alone")},
    }
    for name, (least, share) in kept.items():
        verdict = "kept" if share >= least else "NOT KEPT"
        yield f"{name}: {share:.2f}, promised {least}, {verdict}"


def _name(batch: int, variant: str) -> str:
    return f"training step, {variant}, {batch} images"


def _median(item: Measurement) -> float:
    return item["median"]


if __name__ == "__main__":
    sys.exit(main())
