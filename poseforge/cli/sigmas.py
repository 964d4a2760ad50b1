"""`poseforge data sigmas ANNOTATIONS [ANNOTATIONS ...]`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from poseforge.formats.annotations import Annotations
    from poseforge.structures import People
    from poseforge.structures.affine import Floats

HELP = "estimate a skeleton's OKS sigmas, and warn when they make every prediction look good"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        "annotations",
        nargs="+",
        type=Path,
        help="COCO files: several annotators' of the same people (the same annotation ids), or "
        "one with --noise-px, or one whose skeleton's own sigmas are checked",
    )
    parser.add_argument(
        "--noise-px", type=float, help="how far a label typically is from the joint, pixels"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Estimate or take the sigmas, print them as a skeleton takes them, and check them."""
    from poseforge.evaluation.sigma_checks import check_sigmas
    from poseforge.formats.coco import read_coco

    if options.noise_px is not None and len(options.annotations) > 1:
        raise ValueError("--noise-px takes one annotation file; leave it out to compare several")
    read = [read_coco(path) for path in options.annotations]
    skeleton = read[0].skeleton
    people = read[0].people[read[0].people.to_find]
    sigmas = _sigmas(read, people, options.noise_px, console)
    values = ", ".join(f"{sigma:.3f}" for sigma in sigmas)
    console.print(f"sigmas=({values})", soft_wrap=True)
    warnings = check_sigmas(sigmas, people, skeleton)
    for warning in warnings:
        console.print(f"warning: {warning}", soft_wrap=True)
    if not warnings:
        console.print(f"useless poses do not look good under them ({len(people)} people)")
    return 0


def _sigmas(
    read: "list[Annotations]", people: "People", noise_px: float | None, console: Console
) -> "Floats":
    from poseforge.evaluation.oks import areas_of, sigmas_of
    from poseforge.evaluation.repeated_labels import repeated_labels
    from poseforge.evaluation.sigmas import estimate_sigmas, sigmas_from_noise

    skeleton = read[0].skeleton
    if len(read) == 1 and noise_px is None:
        return sigmas_of(skeleton)
    if noise_px is not None:
        import numpy as np

        return np.full(skeleton.num_keypoints, sigmas_from_noise(noise_px, areas_of(people)))
    labels, visible, common = repeated_labels([annotations.people for annotations in read])
    found = estimate_sigmas(labels, visible, areas_of(common), common.image_rows, skeleton)
    for name, sigma, (low, high), count in zip(
        skeleton.keypoints, found.sigmas, found.intervals, found.people, strict=True
    ):
        console.print(f"{name}: {sigma:.3f} (95 %: {low:.3f} to {high:.3f}), {count} people")
    return found.sigmas
