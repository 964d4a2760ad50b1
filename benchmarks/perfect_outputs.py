"""What OpenPose's codec can reach at most: the AP of its targets, decoded like a network's outputs.

    python -m benchmarks.perfect_outputs [--coco-folder coco]

Joints that no limb joins to others, people who are a few cells small, and cells of which two people
claim the same one cost AP before any network has erred.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.result import RESULTS, write_result
from poseforge.codecs import PartFields
from poseforge.datasets.base import PoseDataset
from poseforge.datasets.loading import build_loader
from poseforge.engine.config import load_config
from poseforge.engine.evaluation import predict_dataset, score
from poseforge.models.estimators.base import Estimator, Mode
from poseforge.profiling.result_file import measurement, new_result
from poseforge.registry import CODECS, DATASETS, METRICS, TRANSFORMS, build
from poseforge.structures import Batch, Prediction
from poseforge.structures.affine import apply_inverse

# What it is called, the config, and what changes the config's codec.
CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("250 generated people, 1 to 4 a picture, 512 px, cells of 8 px", "openpose_synthetic", {}),
    (
        "the same, cells of 16 px",
        "openpose_synthetic",
        {"stride": 16, "sigma_px": 16.0, "width_px": 16.0},
    ),
    ("16 images of COCO with 40 people, 320 px, cells of 4 px", "openpose_coco_overfit", {}),
    (
        "the same, cells of 8 px",
        "openpose_coco_overfit",
        {"stride": 8, "sigma_px": 7.0, "width_px": 8.0},
    ),
)


class PerfectNetwork(Estimator):
    """Predict what the codec makes of its own targets."""

    def __init__(self, codec: PartFields) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, batch: Batch, mode: Mode) -> dict[str, Tensor] | Prediction | Tensor:
        targets = self.codec.encode(batch["keypoints"], batch["visible"], batch.get("ignored"))
        points, scores = self.codec.decode(targets["fields"])
        images = apply_inverse(batch["matrix"], points.flatten(1, 2)).reshape(points.shape)
        return {"keypoints": images, "scores": scores}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; return the exit status."""
    parser = argparse.ArgumentParser(description="AP of the targets of OpenPose's codec.")
    parser.add_argument("--coco-folder", default="coco", help="where COCO is, in POSEFORGE_DATA")
    parser.add_argument("--tiny", action="store_true", help="few generated people, a trial")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the result file")
    options = parser.parse_args(arguments)
    try:
        cases = CASES[:1] if options.tiny else CASES
        values = {}
        for name, config, changes in cases:
            folder = options.coco_folder if "coco" in config else None
            values[f"{config}: {name}"] = perfect_ap(config, changes, folder, tiny=options.tiny)
        result = new_result(
            "ceiling",
            "perfect_outputs",
            device=torch.device("cpu"),
            settings={"tiny": options.tiny, "cases": [case[1:] for case in cases]},
            measurements=[measurement(name, "AP", [value]) for name, value in values.items()],
        )
        print(f"wrote {write_result(result, options.out)}")
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def perfect_ap(
    name: str, changes: dict[str, Any], folder: str | None, *, tiny: bool = False
) -> float:
    """Return the AP, 0 to 100, of perfect outputs on a config's validation images."""
    config = load_config(Path(__file__).parents[1] / "configs" / f"{name}.py")
    settings = config.section("val_dataloader")
    source = settings.dataset["dataset"]
    source.update({"num_people": 8} if tiny else {"folder": folder} if folder else {})
    dataset: PoseDataset = build(settings.dataset, DATASETS)
    codec: PartFields = build({**config.values["codec"], **changes}, CODECS)
    transforms = [build(transform, TRANSFORMS) for transform in settings.transforms]
    predictions = predict_dataset(
        PerfectNetwork(codec),
        build_loader(dataset, transforms, batch_size=8, train=False),
        dataset.sample_names,
        torch.device("cpu"),
    )
    [report] = score(predictions, dataset, [build({"type": "OKSAP"}, METRICS)])
    return report.values["AP"]


if __name__ == "__main__":
    sys.exit(main())
