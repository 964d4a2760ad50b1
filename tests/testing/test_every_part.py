"""Every built-in head and codec goes through its contract: one without an example here fails."""

import pytest
import torch

from poseforge.codecs import Coordinates, Heatmap
from poseforge.models.heads import CPMHead, HeatmapHead, RegressionHead, SeedCPMHead, WindowHead
from poseforge.models.losses import CoordinateMSE, HeatmapMSE
from poseforge.registry import CODECS, HEADS
from poseforge.structures import SKELETONS
from poseforge.testing import check_codec, check_head

SIZE = (96, 128)
COORDINATES = Coordinates(SIZE)
HEATMAP = Heatmap(SIZE, 8, 8.0, extra="background")
CODEC_EXAMPLES = {"Coordinates": COORDINATES, "Heatmap": HEATMAP}
HEAD_EXAMPLES = {
    "CPMHead": (lambda: CPMHead(14, HeatmapMSE(), num_stages=2, width=8), HEATMAP),
    "HeatmapHead": (
        lambda: HeatmapHead(8, 14, HeatmapMSE(), extra_channels=1, widths=(8,)),
        HEATMAP,
    ),
    "RegressionHead": (
        lambda: RegressionHead(8 * 16 * 12, 14, CoordinateMSE(), hidden=(8,)),
        COORDINATES,
    ),
    "SeedCPMHead": (lambda: SeedCPMHead(14, HeatmapMSE(), num_stages=2, width=8), HEATMAP),
    "WindowHead": (
        lambda: WindowHead(14, HeatmapMSE(), channels=8, strides=(8, 8), window_px=96),
        Heatmap((96, 96), 8, 3.0),
    ),
}

# Of several people an image: tests/codecs/test_fields.py and tests/models/heads/test_paf.py check
# of these what the contracts check of the others.
OF_SCENES = {"PartFields", "DensePAFHead", "PAFHead"}


def built_in(registry):
    registry.import_from_location()
    parts = registry.module_dict.items()
    ours = {name for name, part in parts if part.__module__.startswith("poseforge.")}
    return sorted(ours - OF_SCENES)


@pytest.mark.parametrize("name", built_in(CODECS))
def test_codec(name):
    check_codec(CODEC_EXAMPLES[name], SKELETONS["lsp14"], tolerance_px=0.05)


@pytest.mark.parametrize("name", built_in(HEADS))
def test_head(name):
    torch.manual_seed(0)
    make, codec = HEAD_EXAMPLES[name]
    check_head(make(), codec, [torch.rand(2, 8, 16, 12) for _ in range(2)], 14)
