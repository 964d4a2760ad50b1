"""`poseforge data sides CONFIG CHECKPOINT --out FILE`."""

import argparse
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from poseforge.cli.loaders import datasets_of, parts_by_name
from poseforge.cli.progress import progress_bar

if TYPE_CHECKING:
    from poseforge.datasets import PoseDataset
    from poseforge.evaluation.disagreement import Judgement, Trust
    from poseforge.structures import Predictions

HELP = "find people whose left and right, or all labels, a trained model contradicts"
PER_SHEET = 20
HELD_OUT = (
    "{name}, held out, labels taken for right: {people} people, {mirror} to mirror, {drop} to "
    "drop; of the same people, all mirrored on purpose, {found} are found"
)
TRUST = {
    "min-score": "the model's mean score over the labelled keypoints, at least",
    "margin": "mirrored: so much nearer to the model's pose when mirrored, torsos",
    "near": "mirrored: and then at most so far from it on average, torsos",
    "agreement": "mirrored: and so large a share of pairs is nearer then",
    "min-pairs": "mirrored: and so many pairs can tell",
    "wild": "dropped: the median keypoint is farther than this either way, torsos",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("config", type=Path, help="a config (.py), whose training set is judged")
    parser.add_argument("checkpoint", type=Path, help="the model that is believed")
    parser.add_argument("--out", type=Path, required=True, help="the file of corrections (.json)")
    parser.add_argument("--flip", action="store_true", help="average with the mirrored picture")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument("--pictures", type=Path, help="draw the clearest of each kind here")
    for name, meaning in TRUST.items():
        kind = int if name == "min-pairs" else float
        parser.add_argument(f"--{name}", type=kind, default=argparse.SUPPRESS, help=meaning)


def run(options: argparse.Namespace, console: Console) -> int:
    """Predict, judge, write and print."""
    with progress_bar() as show:
        show("loading", 0, 1)
        from poseforge.datasets.corrections import write_corrections
        from poseforge.engine.teacher import predict_people
        from poseforge.evaluation.disagreement import judge
        from poseforge.inference.checkpoint_model import load_model
        from poseforge.inference.shards import sha256_of

        trust = _trust(options)
        teacher = load_model(options.checkpoint)
        sets = datasets_of(options.config, ["train", "val"])
        held_out = sets.pop("val", None)
        parts = parts_by_name(sets.values())

        def predict(dataset: "PoseDataset") -> "Predictions":
            progress = partial(show, dataset.name)
            return predict_people(
                teacher, dataset, flip=options.flip, device=options.device, progress=progress
            )

        corrections, lines = {}, []
        for name, dataset in parts.items():
            predictions = predict(dataset)
            judgement = judge(predictions, dataset.people, dataset.skeleton, trust)
            corrections[name] = dataset, judgement.corrections(dataset.people.ids)
            lines.append(_line(name, judgement, trust))
            if options.pictures:
                _draw(dataset, predictions, judgement, options.pictures)
        checked = held_out and _check(held_out, predict(held_out), trust)
    origin = {
        "teacher": {
            "file": options.checkpoint.name,
            "sha256": sha256_of(options.checkpoint),
            "flip": options.flip,
        },
        "trust": vars(trust),
        "held_out": checked,
    }
    write_corrections(options.out, corrections, origin=origin)
    if checked:
        lines.append(HELD_OUT.format(**checked))
    for line in (*lines, f"the corrections are in {options.out}"):
        console.print(line, soft_wrap=True)
    return 0


def _check(
    dataset: "PoseDataset", predictions: "Predictions", trust: "Trust"
) -> dict[str, str | int]:
    """Count the verdicts on people whose labels are right, and on the same people mirrored."""
    from poseforge.evaluation.disagreement import judge

    skeleton = dataset.skeleton
    right, wrong = (
        Counter(judge(predictions, people, skeleton, trust).verdicts.tolist())
        for people in (dataset.people, dataset.people.relabelled(skeleton.flip_indices))
    )
    return {
        "name": dataset.name,
        "people": len(dataset),
        "mirror": right["mirror"],
        "drop": right["drop"],
        "found": wrong["mirror"],
    }


def _trust(options: argparse.Namespace) -> "Trust":
    from poseforge.evaluation.disagreement import Trust

    names = (name.replace("-", "_") for name in TRUST)
    return Trust(**{name: getattr(options, name) for name in names if name in options})


def _line(name: str, judgement: "Judgement", trust: "Trust") -> str:
    verdicts = Counter(judgement.verdicts.tolist())
    believed = int((judgement.scores >= trust.min_score).sum())
    return (
        f"{name}: {len(judgement.verdicts)} people, of {believed} of whom the model is sure: "
        f"{verdicts['mirror']} to mirror, {verdicts['drop']} to drop"
    )


def _draw(
    dataset: "PoseDataset", predictions: "Predictions", judgement: "Judgement", folder: Path
) -> None:
    from poseforge.datasets.corrections import ACTIONS
    from poseforge.engine.teacher import disagreement_sheet
    from poseforge.visualization.files import save_image

    for action in ACTIONS:
        rows = judgement.clearest(action)[:PER_SHEET]
        if len(rows):
            picture = disagreement_sheet(dataset, predictions, rows.tolist())
            save_image(folder / f"{dataset.name}_{action}.jpg", picture)
