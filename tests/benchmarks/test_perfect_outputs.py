from pathlib import Path

import torch

from benchmarks.perfect_outputs import PerfectNetwork, main
from benchmarks.result import check_result
from poseforge.codecs import PartFields


def test_the_script_records_its_numbers(tmp_path: Path):
    assert main(["--tiny", "--out", str(tmp_path)]) == 0
    [path] = tmp_path.iterdir()
    [item] = check_result(path)["measurements"]
    assert item["unit"] == "AP"
    assert 50 < item["median"] <= 100  # perfect outputs of a few large people


def test_the_perfect_network_finds_a_whole_person_to_a_fraction_of_a_cell():
    codec = PartFields((96, 96), stride=4, sigma_px=4.0, width_px=4.0, skeleton="lsp14")
    angles = torch.arange(14) * 2 * torch.pi / 14
    points = 48 + 30 * torch.stack([angles.cos(), angles.sin()], dim=-1)
    batch = {
        "keypoints": points[None, None],
        "visible": torch.full((1, 1, 14), 2.0),
        "matrix": torch.tensor([[[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]]),
    }
    found = PerfectNetwork(codec)(batch, "predict")["keypoints"]  # type: ignore[arg-type]
    assert found.shape == (1, 1, 14, 2)
    torch.testing.assert_close(found[0, 0], points / 2, atol=0.3, rtol=0)


def test_a_config_without_its_data_is_said(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("POSEFORGE_DATA", str(tmp_path))
    monkeypatch.setattr("benchmarks.perfect_outputs.CASES", (("x", "openpose_coco_overfit", {}),))
    assert main(["--out", str(tmp_path)]) == 2
    assert "error: " in capsys.readouterr().err
