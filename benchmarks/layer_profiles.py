"""Profile CPM, HmapPose and SimplePose: where a step goes, and how far layers are from the limit.

    python -m benchmarks.layer_profiles                  the three models on this machine's CPU
    python -m benchmarks.layer_profiles --device cuda    CPM in bf16, plain, channels-last, compiled

It also measures what profiling costs: each step with hooks is held against one without. `--picture`
draws CPM's roofline.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib
import torch

from benchmarks.speed_script import options_parser, publish
from benchmarks.tiny import tiny_overrides
from poseforge.engine.distributed import World
from poseforge.models.device import choose_device
from poseforge.profiling.record import Layer, Profile
from poseforge.profiling.result_file import Measurement, measurement
from poseforge.profiling.session import Request, Session

matplotlib.use("agg")
from matplotlib import pyplot, ticker

CONFIGS = Path(__file__).parents[1] / "configs"
LAYOUT, COMPILED = "train_cfg.channels_last=True", "train_cfg.compile='default'"
BF16 = "optim_wrapper.amp='bf16'"
ON_CPU = {
    f"{title}, {mode}": (name, mode, batch, ())
    for title, name, sizes in (
        ("CPM", "cpm_lsp", (1, 4)),
        ("HmapPose", "hmappose_lsp", (4, 16)),
        ("SimplePose", "simplepose_lsp", (16, 32)),
    )
    for mode, batch in zip(("train", "infer"), sizes, strict=True)
}
ON_GPU = {
    f"CPM, {mode}, bf16{words}": ("cpm_lsp", mode, 32, (BF16, *overrides))
    for mode in ("train", "infer")
    for words, overrides in (
        ("", ()),
        (", channels-last", (LAYOUT,)),
        (", compiled", (COMPILED,)),
        (", channels-last, compiled", (LAYOUT, COMPILED)),
    )
}
LARGEST = 5
NOTES = (
    "A step with hooks ÷ without: the two alternate. Sum of layers ÷ step: all parts' own times, "
    "against steps without hooks.",
    "Layers are those with the longest own times, forward and backward; % of the limit is what the "
    "machine's ceilings allow ÷ what they took.",
)
COLOURS = {"arithmetic": "#1f5fa8", "memory": "#c98a1b", "launch": "#b0413e"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Profile, write the result file and draw; return the exit status."""
    parser = options_parser("Profile CPM, HmapPose and SimplePose by layer.")
    parser.add_argument("--name", default="layer_profiles", help="what the result is called")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--steps", type=int, default=7, help="of each model")
    parser.add_argument("--picture", type=Path, help="draw the first model's roofline here")
    options = parser.parse_args(arguments)
    try:
        device = choose_device(options.device)
        profiles = dict(_profiles(device, 1 if options.tiny else options.steps, tiny=options.tiny))
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.picture is not None:
        draw_roofline(next(iter(profiles.values())), options.picture)
    publish(
        options.name,
        options,
        [item for title, found in profiles.items() for item in measurements(title, found)],
        settings={title: found.settings for title, found in profiles.items()},
        notes=[*NOTES, *(_ceilings(title, found) for title, found in profiles.items())],
        device=device,
    )
    return 0


def _profiles(device: torch.device, steps: int, *, tiny: bool) -> Iterator[tuple[str, Profile]]:
    cases = ON_GPU if device.type == "cuda" else ON_CPU
    for title, (name, mode, batch, overrides) in list(cases.items())[: 2 if tiny else None]:
        path = CONFIGS / f"{name}.py"
        request = Request(
            str(path),
            (*overrides, *(tiny_overrides(path) if tiny else ())),
            "train" if mode == "train" else "infer",
            str(device),
            batch_size=2 if tiny else batch,
            steps=steps,
        )
        with TemporaryDirectory() as folder:
            yield title, Session(request, World()).profile(Path(folder))


def measurements(title: str, found: Profile) -> list[Measurement]:
    """Return a model's step, what its hooks cost, and its largest layers."""
    step = found.step_s
    images = found.batch_size
    rows = [
        measurement(f"{title}: a step of {images} images", "ms", [1e3 * s for s in step]),
        measurement(
            f"{title}: a step with hooks ÷ without", "×", [found.hooked_s.median / step.median]
        ),
        measurement(f"{title}: sum of layers ÷ step", "×", [found.layers_s / step.median]),
    ]
    for layer in largest(found):
        words = f"{title}: {layer.name} ({layer.kind}, {_bound(layer)})"
        rows.append(measurement(f"{words}, share of the step", "%", [100 * layer.share]))
        if layer.of_limit is not None:
            rows.append(measurement(f"{words}, of its limit", "%", [100 * layer.of_limit]))
    return rows


def largest(found: Profile) -> list[Layer]:
    """Return the layers with the longest own times."""
    return sorted(found.layers, key=lambda layer: -layer.own_s.median)[:LARGEST]


def draw_roofline(found: Profile, path: Path) -> None:
    """Draw the layers of a profile below the machine's ceilings."""
    ceilings = found.ceilings
    layers = [layer for layer in found.layers if layer.work.flops and layer.work.bytes]
    intensities = [layer.work.flops / layer.work.bytes for layer in layers]
    axis_from, axis_to = min(intensities) / 2, max(intensities) * 2
    ridge = ceilings.flops_per_s / ceilings.bytes_per_s
    figure, axes = pyplot.subplots(figsize=(7.5, 4.2), dpi=130, layout="constrained")
    xs = sorted({axis_from, min(max(ridge, axis_from), axis_to), axis_to})
    roof = [min(ceilings.flops_per_s, x * ceilings.bytes_per_s) / 1e9 for x in xs]
    axes.plot(xs, roof, color="black", linewidth=1.2)
    for layer, x in zip(layers, intensities, strict=True):
        axes.scatter(
            x,
            layer.work.flops / layer.own_s.median / 1e9,
            s=10 + 900 * layer.share,
            color=COLOURS[layer.limit.bound] if layer.limit else "grey",
            alpha=0.6,
        )
    for bound in dict.fromkeys(layer.limit.bound for layer in layers if layer.limit):
        axes.scatter([], [], color=COLOURS[bound], label=f"bound by {bound}")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="floating-point operations a byte that is moved",
        ylabel="GFLOP/s",
        title=f"{found.name}, {found.settings['mode']}: area is time",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(ticker.NullFormatter())
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3)
    figure.savefig(path)
    pyplot.close(figure)


def _bound(layer: Layer) -> str:
    return "no limit" if layer.limit is None else layer.limit.bound


def _ceilings(title: str, found: Profile) -> str:
    top = found.ceilings
    return (
        f"{title}: ceilings {top.flops_per_s / 1e9:.3g} GFLOP/s ({top.arithmetic}), "
        f"{top.bytes_per_s / 1e9:.3g} GB/s, {1e6 * top.launch_s:.2g} µs a launch"
    )


if __name__ == "__main__":
    sys.exit(main())
