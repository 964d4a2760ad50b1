"""Time of predicting people in an image, and of MMPose's `inference_topdown`.

    python -m benchmarks.inference_speed --mmpose-python mmpose-venv/bin/python --compile

The network is SimpleBaseline's (Xiao et al., ECCV 2018): ResNet-50, three deconvolutions, 17
keypoints of an input of 256 x 192. Both sides have the same weights, which are random, the same
image, as an array, and the same boxes. How they are compared is in `beside_mmpose`; times are the
processor's, of one thread, and end to end: crops, network, flip test, points in the image.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.beside_mmpose import (
    OURS,
    THEIRS,
    Sides,
    both_sides,
    comparison_parser,
    publish_comparison,
)
from benchmarks.crowd import INPUT_SIZE, PADDING, crowd
from poseforge.engine.checkpoint import describe, write_checkpoint
from poseforge.engine.config import RunConfig
from poseforge.models.build import build_estimator
from poseforge.profiling.result_file import Measurement, measurement, ratio
from poseforge.recipes.data import crops
from poseforge.transforms import Crop, Read

CODEC = dict(type="Heatmap", input_size=INPUT_SIZE, stride=4, sigma_px=8.0, refine="quarter")
RESNET = dict(type="TorchvisionBackbone", name="resnet50")
TINY = dict(type="ConvStack", channels=(4, 4, 4, 4, 4), kernel_size=3)
BATCHES = ("batches of 1", "batches of 4", "batches of 16")
CROWD, ALONE = "20", "1"  # people
AGREE_PX = 1e-2
WORKERS = (1, 2)


@dataclass(frozen=True)
class Plan:
    """What is measured and how often.

    Attributes:
        people: In the crowd.
        repeats: Timings of each case.
        files: Images read in a timing of reading.
    """

    people: int
    repeats: int
    files: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a result file; return the exit status."""
    parser = comparison_parser("Measure the time of predicting people in an image.")
    parser.add_argument("--compile", action="store_true", help="also the compiled model: minutes")
    options = parser.parse_args(arguments)
    plan = Plan(5, 2, 4) if options.tiny else Plan(20, options.repeats, 128)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_inputs(plan, folder, tiny=options.tiny)
            modules = "benchmarks.poseforge_inference", "benchmarks.mmpose_inference"
            with both_sides(*modules, options.mmpose_python, folder) as (sides, notes):
                notes += agreement(sides)
                cases = ["plain", "flip test", *BATCHES, *["compiled"] * options.compile]
                measurements = measure(sides, cases, plan)
            measurements += reading(plan, folder)
            publish_comparison(
                "inference_speed",
                options,
                sides,
                measurements,
                plan=vars(plan),
                notes=[*notes, f"Reading is wall time with {os.cpu_count()} cores in the machine."],
            )
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def write_inputs(plan: Plan, folder: Path, *, tiny: bool) -> None:
    """Write the images and boxes, and one network's weights for either side."""
    for name, people in (CROWD, plan.people), (ALONE, 1):
        np.savez(folder / f"{name}.npz", **crowd(people))
    torch.manual_seed(0)
    channels, widths = (4, (4, 4, 4)) if tiny else (2048, (256, 256, 256))
    model = dict(
        type="TopDown",
        skeleton="coco17",
        backbone=TINY if tiny else RESNET,
        neck=dict(type="Deconvolutions", in_channels=channels, widths=widths),
        head=dict(
            type="HeatmapHead",
            in_channels=widths[-1],
            num_keypoints=17,
            widths=(),
            kernel_size=1,
            loss=dict(type="HeatmapMSE"),
        ),
        normalize=dict(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375)),
    )
    transforms = crops(CODEC, padding=PADDING)
    transforms[0]["fill"] = 0  # as MMPose pads
    loader = dict(dataset={}, transforms=transforms)
    config = RunConfig("speed", dict(codec=CODEC, model=model, test_dataloader=loader))
    estimator = build_estimator(config.model)
    for norm in estimator.modules():
        if isinstance(norm, nn.BatchNorm2d):  # folding must have something to do
            nn.init.normal_(norm.running_mean, std=0.05)
            nn.init.uniform_(norm.running_var, 0.8, 1.2)
    weights = estimator.state_dict()
    weights["head.blocks.0.bias"].fill_(1)  # MMPose finds no point where a whole map is below 0
    state = {**describe(estimator, config), "state_dict": weights, "meta": {}}
    write_checkpoint(state, folder / "poseforge.pth")
    torch.save(as_mmpose_calls_them(weights), folder / "mmpose_weights.pth")


def as_mmpose_calls_them(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights of the network under MMPose's names."""
    ours_and_theirs = {
        "backbone.network.": "backbone.",
        "neck.layers.": "head.deconv_layers.",
        "head.blocks.0.": "head.final_layer.",
    }
    return {
        theirs + name.removeprefix(ours): tensor
        for name, tensor in weights.items()
        for ours, theirs in ours_and_theirs.items()
        if name.startswith(ours)
    }


def agreement(sides: Sides) -> list[str]:
    """Say how far the two sides' keypoints are apart.

    Raises:
        ValueError: Their medians already differ: they do not compute the same.
    """
    notes = []
    for case in ("plain", "flip test") if THEIRS in sides else ():
        ours, theirs = (
            np.reshape(sides[name].ask(what="numbers", case=case, input=CROWD), (-1, 2))
            for name in (OURS, THEIRS)
        )
        apart = np.linalg.norm(ours - theirs, axis=1)
        equal, most = (apart < AGREE_PX).mean(), apart.max()
        if equal < 0.9:
            raise ValueError(
                f"{case}: only {equal:.1%} of keypoints are within {AGREE_PX} px of MMPose's; only "
                "what computes the same can be compared"
            )
        notes.append(
            f"{case}: {equal:.1%} of {len(apart)} keypoints are within {AGREE_PX} px of MMPose's, "
            f"the farthest is {most:.2f} px away."
        )
    return notes


def measure(sides: Sides, cases: Sequence[str], plan: Plan) -> list[Measurement]:
    """Time every case of both sides in turn."""
    keys = [(case, name) for case in cases for name, side in sides.items() if case in side.cases]
    for case, name in keys:
        sides[name].ask(what="numbers", case=case, input=CROWD)  # warms up
    rounds = []
    latencies: dict[str, list[list[float]]] = {name: [] for name in sides}
    for _ in range(plan.repeats):
        rounds.append(
            {
                (case, name): sides[name].ask(what="seconds", case=case, input=CROWD, least=0)
                for case, name in keys
            }
        )
        for name, side in sides.items():
            latencies[name].append(side.ask(what="numbers", case="latencies", input=ALONE))
    times = {
        (case, name): measurement(_title(case, name, plan), "s", [r[case, name] for r in rounds])
        for case, name in keys
    }
    items = []
    for (case, name), item in times.items():
        items.append(item)
        rival = times.get(("plain" if case == "compiled" else case, THEIRS))
        if name == OURS and rival is not None:
            items.append(ratio(f"{_title(case, THEIRS, plan)} ÷ {OURS}", rival, item))
    for name, repeats in latencies.items():
        for quantile in (50, 95):
            values = [1000 * float(np.percentile(calls, quantile)) for calls in repeats]
            items.append(measurement(f"one person, p{quantile}: {name}", "ms", values))
    return items


def _title(case: str, side: str, plan: Plan) -> str:
    return f"{plan.people} people in one image, {case}: {side}"


def reading(plan: Plan, folder: Path) -> list[Measurement]:
    """Time reading and cropping files in threads and in processes: images a second, wall time."""
    encoded = cv2.imencode(".jpg", crowd(1)["image"])[1].tobytes()
    paths = [folder / f"{number}.jpg" for number in range(plan.files)]
    for path in paths:  # one file again and again would be decoded once
        path.write_bytes(encoded)
    pools: dict[str, Callable[[], Executor]] = {
        f"{count} {kind}": partial(pool, count)
        for count in WORKERS
        for kind, pool in (("threads", ThreadPoolExecutor), ("processes", ProcessPoolExecutor))
    }
    rates: dict[str, list[float]] = {name: [] for name in pools}
    for _ in range(plan.repeats):
        for name, make in pools.items():
            with make() as pool:
                list(pool.map(read_and_crop, paths[:4]))  # starts the workers
                start = time.perf_counter()
                list(pool.map(read_and_crop, paths))
                rates[name].append(len(paths) / (time.perf_counter() - start))
    return [
        measurement(f"reading 1280x720 JPEGs and cropping, {name}", "images/s", values)
        for name, values in rates.items()
    ]


def read_and_crop(path: Path) -> np.ndarray:
    """Return a crop of the whole image, as a worker hands it over."""
    rng = np.random.default_rng(0)
    empty = np.zeros((17, 2), np.float32)
    sample = Read()({"image_path": str(path), "keypoints": empty, "visible": empty[:, 0]}, rng)
    return Crop(INPUT_SIZE)(sample, rng)["image"]


if __name__ == "__main__":
    sys.exit(main())
