import json
import re

import cv2
import numpy as np
import pytest

COLUMNS = ["Head", "Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle", "Mean", "@0.1", "AUC"]


@pytest.fixture
def test(run, trained):
    """Run `poseforge test` on the trained checkpoint."""

    def call(*arguments):
        config = trained.with_name("machine.py")
        status, output, errors = run("test", config, trained / "best.pth", *arguments)
        assert status == 0, errors
        return output

    return call


def test_the_table_has_its_columns_numbers_and_protocol(test):
    lines = test().splitlines()
    titles = next(line.split() for line in lines if "Shoulder" in line)
    assert titles == COLUMNS
    for label in (" machine ", " mean pose "):
        cells = next(line for line in lines if line.startswith(label)).removeprefix(label).split()
        assert len(cells) == len(COLUMNS)
        assert all(re.fullmatch(r"\d+\.\d|–", cell) for cell in cells), cells
    assert "on synthetic, 3 people; crop: box of labelled joints" in lines


def test_the_files_hold_what_was_printed(test, tmp_path):
    files = [tmp_path / "out" / name for name in ("report.json", "table.md", "predictions.npz")]
    output = test("--json", files[0], "--markdown", files[1], "--dump", files[2])
    report = json.loads(files[0].read_text(encoding="utf-8"))
    assert [row["label"] for row in report["rows"]] == ["machine", "mean pose in the box"]
    assert list(report["rows"][0]["columns"]) == COLUMNS
    assert report["rows"][0]["people"] == 3
    assert report["protocol"] in output
    markdown = files[1].read_text(encoding="utf-8")
    table = [line.strip("| ").split("|") for line in markdown.splitlines() if line[:1] == "|"]
    assert [cell.strip() for cell in table[0]] == COLUMNS
    mean = report["rows"][1]["columns"]["Mean"]
    assert table[3][8].strip() == f"{mean:.1f}"
    assert report["protocol"] in markdown
    with np.load(files[2]) as dump:
        assert dump["ids"].tolist() == [f"synthetic-1-{i:06d}" for i in range(3)]
        assert dump["keypoints"].shape == (3, 14, 2)
        assert dump["scores"].shape == (3, 14)
        assert np.isfinite(dump["keypoints"]).all()


def test_stages_have_a_row_each(test, tmp_path):
    path = tmp_path / "r.json"
    files = ("--json", path, "--report", tmp_path / "report")
    test("--stages", *files, "--cfg-options", "metrics=[{'type': 'EPE'}, {'type': 'PCK'}]")
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    labels = [row["label"] for row in rows]
    assert labels == ["machine, stage 1", "machine"] * 2 + ["mean pose in the box"] * 2
    assert labels[0] in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert (tmp_path / "report" / "errors_2.png").is_file()
    assert rows[0]["values"] != rows[1]["values"]


def test_the_dump_is_scored_again_without_the_model(test, run, trained, tmp_path):
    dump, again = tmp_path / "p.npz", tmp_path / "again.json"
    test("--dump", dump, "--report", tmp_path / "report")
    config = trained.with_name("machine.py")
    status, _, errors = run("evaluate", "--dataset", config, "--predictions", dump, "--json", again)
    assert status == 0, errors
    first = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    second = json.loads(again.read_text(encoding="utf-8"))
    assert first["rows"][0]["label"] == "machine"
    assert first["rows"][0]["values"] == second["rows"][0]["values"]
    assert (tmp_path / "report" / "predictions.jpg").is_file()


def test_pictures_show_skeletons_heatmaps_and_stages(test, tmp_path):
    test("--show-dir", tmp_path / "pictures", "--show", "2")
    for kind in ("skeletons", "heatmaps", "stages"):
        paths = sorted((tmp_path / "pictures" / kind).iterdir())
        assert [path.name for path in paths] == ["00000.jpg", "00001.jpg"]
        for path in paths:
            picture = cv2.imread(str(path))
            assert picture is not None
            assert picture.std() > 1


@pytest.mark.parametrize(
    ("arguments", "label"),
    [
        (["--flip"], "machine + flip"),
        (["--scales", "0.8", "1", "1.2"], "machine + 3 scales"),
        (["--flip", "--scales", "0.8", "1.2"], "machine + flip + 2 scales"),
    ],
)
def test_the_label_tells_of_averages_and_the_predictions_differ(test, tmp_path, arguments, label):
    test("--dump", tmp_path / "plain.npz")
    test(*arguments, "--dump", tmp_path / "averaged.npz", "--json", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["rows"][0]["label"] == label
    with np.load(tmp_path / "plain.npz") as plain, np.load(tmp_path / "averaged.npz") as averaged:
        assert not np.array_equal(plain["scores"], averaged["scores"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--dump", "predictions.csv"],
            "--dump predictions.csv: predictions are written as .npz or",
        ),
        (["--scales", "0"], "scales=(0.0,); give enlargements between 0.1 and 10"),
        (["--cfg-options", "model.head.width=16"], "is a checkpoint of another model"),
    ],
)
def test_what_cannot_be_tested_is_one_sentence(run, trained, arguments, message):
    config = trained.with_name("machine.py")
    status, output, errors = run("test", config, trained / "best.pth", *arguments)
    assert status == 2
    assert message in errors
    assert len(errors.splitlines()) == 1
    assert "Shoulder" not in output


def test_a_config_without_a_test_set_is_one_sentence(run, trained):
    config = trained.with_name("machine.py")
    arguments = (config, trained / "best.pth", "--cfg-options", "test_dataloader=none")
    assert run("test", *arguments)[::2] == (
        2,
        "error: the config machine has no test_dataloader; add it\n",
    )
