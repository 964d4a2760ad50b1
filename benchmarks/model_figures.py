"""Draw the figures of docs/models/ of SimplePose, HmapPose and CPM, on generated people.

python -m benchmarks.model_figures [--out docs/images] [--quickstart work_dirs/quickstart/best.pth]

What is drawn are inputs, targets and what a cell of the network sees; with weights of
configs/quickstart.py also what a trained network answers.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks.receptive_fields import build_model, fields_of_stages, receptive_fields
from poseforge.datasets import SyntheticPeople
from poseforge.models.checkpoints import load_weights, read_checkpoint
from poseforge.models.estimators import TopDown
from poseforge.structures import Sample
from poseforge.structures.affine import Floats
from poseforge.transforms import Crop, Read
from poseforge.visualization import (
    draw_skeleton,
    joint_sheet,
    overlay_heatmap,
    save_image,
    sheet,
)
from poseforge.visualization.draw import LEFT, RIGHT, fit
from poseforge.visualization.strokes import Colour, Image, line, ring
from poseforge.visualization.text import text_line

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PEOPLE = SyntheticPeople(40, seed=7, size=400)
STRANGERS = SyntheticPeople(500, seed=2, size=128)  # quickstart's test people
UNSEEN = 0, 21
KNEES = "hmappose_knees.jpg"
JUMPER, WALKER = 10, 11  # of PEOPLE: one with his limbs apart, one seen from the front
CELL_PX = 260
LABEL_PX = 24
SURROUNDINGS = 9  # input pixels on each side of a joint that is looked at closely
PCK_SHARES = 0.2, 0.1  # of the torso


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw all figures."""
    parser = argparse.ArgumentParser(description="Draw the figures of docs/models/.")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder; default docs/images")
    parser.add_argument("--quickstart", type=Path, help="weights of configs/quickstart.py")
    options = parser.parse_args(arguments)
    drawn = {name: draw() for name, draw in FIGURES.items()}
    if options.quickstart:
        model = build_model("quickstart", device="cpu").eval()
        weights = read_checkpoint(options.quickstart)["state_dict"]
        load_weights(model, weights, options.quickstart)
        drawn[KNEES] = hmappose_knees(model)
    for name, picture in drawn.items():
        path = options.out / name
        save_image(path, picture)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def simplepose_input() -> Image:
    """A picture, what the network gets of it, and what is left of a wrist."""
    model = build_model("simplepose_lsp")
    skeleton = PEOPLE.skeleton
    sample = crop(PEOPLE[JUMPER], model)
    points = sample["keypoints"]
    torso = np.hypot(
        *(points[skeleton.index("left_shoulder")] - points[skeleton.index("right_hip")])
    )
    wrist = points[skeleton.index("left_wrist")]
    middle = np.rint(wrist).astype(int)
    x, y = middle - SURROUNDINGS
    side = 2 * SURROUNDINGS + 1
    close = enlarge(sample["image"][y : y + side, x : x + side], CELL_PX // side)
    at = (wrist - middle + SURROUNDINGS + 0.5) * (CELL_PX // side) - 0.5
    for share in PCK_SHARES:
        ring(close, at, LEFT, share * torso * (CELL_PX // side), 2)
    return row(
        ("picture, 400 px", PEOPLE[JUMPER]["image"]),
        ("input, 128 px", enlarge(sample["image"], 2)),
        (
            "answer: 28 numbers",
            draw_skeleton(enlarge(sample["image"], 2), 2 * points + 0.5, skeleton),
        ),
        (f"left wrist; rings: {' and '.join(map(str, PCK_SHARES))} torso", close),
    )


def hmappose_targets() -> Image:
    """The maps that HmapPose is to give for one person."""
    model = build_model("hmappose_lsp")
    sample = crop(PEOPLE[JUMPER], model)
    names = [name.replace("_", " ") for name in PEOPLE.skeleton.keypoints]
    drawn = joint_sheet(sample["image"], targets(sample, model), [*names, "sum"])
    return fit(drawn, (620, 700))


def hmappose_windows() -> Image:
    """What two cells of HmapPose see: those at the knees."""
    model = build_model("hmappose_lsp")
    side = receptive_fields(model.backbone, model.head)[-1]
    sample = crop(PEOPLE[WALKER], model)
    whole = sample["image"].copy()
    windows = []
    for name, tone, colour in (("right_knee", "blue", RIGHT), ("left_knee", "orange", LEFT)):
        knee = sample["keypoints"][PEOPLE.skeleton.index(name)]
        x, y = np.rint(knee - side / 2).astype(int)
        windows.append(
            (f"the {tone} window, {side} px", sample["image"][y : y + side, x : x + side])
        )
        frame(whole, knee, side, colour)
    return row((f"input, {len(whole)} px", whole), *windows)


def hmappose_knees(model: TopDown) -> Image:
    """What a network answers for the two knees of people whom it has not seen.

    Args:
        model: One of heatmaps, in evaluation mode.
    """
    cells = []
    for person in UNSEEN:
        sample = crop(STRANGERS[person], model)
        points, shown = sample["keypoints"], sample["visible"].astype(float)
        large = enlarge(sample["image"], 2)
        image = torch.from_numpy(sample["image"]).permute(2, 0, 1)[None]
        with torch.no_grad():
            outputs = model({"image": image}, "tensor")
        maps = dict(zip(model.skeleton.keypoints, outputs[0].numpy(), strict=True))
        cells += [
            ("truth", draw_skeleton(large, 2 * points + 0.5, model.skeleton, scores=shown)),
            ("right knee", overlay_heatmap(large, maps["right_knee"])),
            ("left knee", overlay_heatmap(large, maps["left_knee"])),
        ]
    return fit(row(*cells, columns=3), (620, 700))


def cpm_center_map() -> Image:
    """A person, and the map that tells CPM whom is meant."""
    model = build_model("cpm_lsp")
    sample = crop(PEOPLE[JUMPER], model)
    height, width = sample["image"].shape[:2]
    batch = {
        "image": torch.empty(1, 3, height, width),
        "center": torch.from_numpy(sample["center"])[None],
    }
    center = model.head.center_map(batch)[0, 0].numpy()
    return row(
        (f"input, {width} px", sample["image"]),
        (f"centre map, {center.shape[1]} cells", overlay_heatmap(sample["image"], center)),
    )


def cpm_fields() -> Image:
    """What a cell at a knee sees after more and more of CPM's layers."""
    model = build_model("cpm_lsp")
    sample = crop(PEOPLE[JUMPER], model)
    knee = sample["keypoints"][PEOPLE.skeleton.index("right_knee")]
    tower = receptive_fields(model.backbone.first)
    stages = fields_of_stages(model)
    named = {
        "layer 1": tower[0],
        "pooled twice": tower[3],
        "pooled three times": tower[5],
        "stage 1": stages[0],
        "stage 2": stages[1],
        "stage 3": stages[2],
    }
    cells = [
        (f"{name}: {side} px", lit(sample["image"], knee, side)) for name, side in named.items()
    ]
    return row(*cells, columns=3)


FIGURES: dict[str, Callable[[], Image]] = {
    "simplepose_input.jpg": simplepose_input,
    "hmappose_targets.jpg": hmappose_targets,
    "hmappose_windows.jpg": hmappose_windows,
    "cpm_center_map.jpg": cpm_center_map,
    "cpm_receptive_fields.jpg": cpm_fields,
}


def crop(sample: Sample, model: TopDown) -> Sample:
    """Cut a person out as validation does."""
    nothing_random = np.random.default_rng(0)
    return Crop(model.codec.input_size)(Read()(sample, nothing_random), nothing_random)


def targets(sample: Sample, model: TopDown) -> Floats:
    """Return the maps (C, H, W) that a model's codec makes of a person."""
    points, visible = (torch.from_numpy(sample[key])[None] for key in ("keypoints", "visible"))
    maps: Floats = model.codec.encode(points, visible)["heatmaps"][0].numpy()
    return maps


def enlarge(image: Image, times: int) -> Image:
    """Return a picture with every pixel as a square of `times` by `times`."""
    return image.repeat(times, axis=0).repeat(times, axis=1)


def frame(image: Image, middle: Floats, side: float, colour: Colour) -> None:
    """Draw a square around a point into a picture."""
    corners = middle + side / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        line(image, start, end, colour, 2)


def lit(image: Image, middle: Floats, side: float) -> Image:
    """Return a picture that is dark outside a square around a point."""
    height, width = image.shape[:2]
    x, y = (
        np.abs(np.arange(n) - m) <= side / 2 for n, m in zip((width, height), middle, strict=True)
    )
    shown = np.where((y[:, None] & x)[..., None], image, image // 5)
    ring(shown, middle, RIGHT, 3, 2)
    return shown


def row(*cells: tuple[str, Image], columns: int | None = None) -> Image:
    """Lay pictures out beside each other, each below a line of text."""
    labelled = []
    for text, image in cells:
        fitted = fit(image, (CELL_PX, CELL_PX))
        labelled.append(np.concatenate([text_line(text, (fitted.shape[1], LABEL_PX)), fitted]))
    return sheet(labelled, columns or len(cells), cell_size=(CELL_PX, CELL_PX + LABEL_PX))


if __name__ == "__main__":
    main()
