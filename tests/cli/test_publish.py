"""`poseforge publish` and `poseforge card`: a file that is small, safe and says what it is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from poseforge.datasets import SyntheticPeople
from poseforge.inference import Predictor, shipped
from poseforge.models import read_checkpoint


@pytest.fixture(scope="module")
def run_folder(trained, tmp_path_factory):
    """The trained run, to be changed."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    shutil.copytree(trained, folder)
    return folder


@pytest.fixture
def publish(run, tmp_path):
    def call(checkpoint, *arguments, status=0):
        found, output, errors = run(
            "publish", checkpoint, "--out", tmp_path / "small.pth", "--device", "cpu", *arguments
        )
        assert found == status, errors
        return output if status == 0 else errors

    return call


def test_the_file_is_whole_and_small(publish, run_folder, tmp_path):
    output = publish(run_folder / "best.pth", "--note", "Made for a test.")
    assert "wrote" in output
    path, original = tmp_path / "small.pth", read_checkpoint(run_folder / "best.pth")
    state = torch.load(path, weights_only=True)
    assert path.stat().st_size < 0.7 * (run_folder / "last.pth").stat().st_size
    assert {"work_dir", "device"}.isdisjoint(state["config"])
    assert str(run_folder.parent) not in str(state["meta"])
    assert "training" not in state
    for name, weight in original["state_dict"].items():
        kept = state["state_dict"][name]
        assert kept.dtype == (torch.float16 if weight.ndim > 1 else weight.dtype), name
        torch.testing.assert_close(kept.to(weight.dtype), weight, rtol=2**-11, atol=1e-7)
    assert state["config"]["codec"] == original["config"]["codec"]
    assert state["skeleton"] == original["skeleton"]
    manifest = json.loads((run_folder / "manifest.json").read_text())
    assert state["meta"]["training"]["data"] == manifest["data"]


def test_it_predicts_what_the_run_predicts(publish, run_folder, tmp_path):
    publish(run_folder / "best.pth")
    people = SyntheticPeople(num_people=12, seed=5, size=48)
    images = [people[n]["image"] for n in range(12)]
    one, other = (
        np.concatenate([poses.keypoints for poses in Predictor(path, device="cpu")(images)])
        for path in (run_folder / "best.pth", tmp_path / "small.pth")
    )
    scale = 32 / (1.25 * 48)  # from the image to the input
    assert (np.linalg.norm(one - other, axis=-1) * scale < 0.5).mean() > 0.98


def test_its_table_is_that_of_the_test_tool(publish, run, run_folder, tmp_path):
    publish(run_folder / "best.pth")
    state = read_checkpoint(tmp_path / "small.pth")
    label = state["meta"]["name"]
    config, rows = run_folder / "config.py", state["meta"]["report"]["rows"]
    for flags, row in (((), rows[0]), (("--flip",), rows[1])):
        arguments = ("test", config, tmp_path / "small.pth", *flags, "--json", tmp_path / "r.json")
        assert run(*arguments)[0] == 0
        report = json.loads((tmp_path / "r.json").read_text())
        assert row["values"] == report["rows"][0]["values"]
        assert row["joints"] == report["rows"][0]["joints"]
        assert row["label"] == " + ".join([label, *(["flip"] if flags else [])])
    card = (tmp_path / "small.md").read_text()
    assert f"| {label} | {rows[0]['values']['PCK@0.2']:.2f} (" in card
    assert f"| head_top | {rows[0]['joints']['head_top']:.1f} |" in card


def test_the_card_is_of_the_file(publish, run, run_folder, tmp_path, monkeypatch):
    publish(run_folder / "best.pth", "--note", "Made for a test.", "--card", tmp_path / "card.md")
    card = (tmp_path / "card.md").read_text()
    for words in ("- Made for a test.", "8 people", "Apache-2.0", "Generated people"):
        assert words in card
    small = tmp_path / "small.pth"
    assert run("card", small)[:2] == (0, card)
    assert run("card", small, "--check", tmp_path / "card.md")[0] == 0
    (tmp_path / "card.md").write_text(card.replace("8 people", "9 people"))
    status, output, _ = run("card", small, "--check", tmp_path / "card.md")
    assert status == 1
    assert "is not the card of" in output
    assert run("card", small, "--output", tmp_path / "card.md")[0] == 0
    assert (tmp_path / "card.md").read_text() == card
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    small.rename(tmp_path / "compact_lsp.pth")
    assert run("card")[1] == card.replace("small.pth", "compact_lsp.pth")


def test_weights_beyond_half_precision_are_not_published(publish, run_folder, tmp_path):
    state = read_checkpoint(run_folder / "best.pth")
    name = next(name for name, weight in state["state_dict"].items() if weight.ndim > 1)
    state["state_dict"][name] *= 1e9
    torch.save(state, run_folder / "wild.pth")
    (tmp_path / "small.pth").write_text("older")
    errors = publish(run_folder / "wild.pth", status=2)
    assert "is not published: rounding moved 42 joints of synthetic" in errors
    assert len(errors.splitlines()) == 1
    assert (tmp_path / "small.pth").read_text() == "older"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run/best.pth", "--limit-mb", "0.01"], "MB, and at most 0.01 are allowed; allow more"),
        (["run/none.pth"], "there is no checkpoint file"),
        (["alone/best.pth"], "manifest.json; give a checkpoint that lies in the folder of its run"),
    ],
)
def test_mistakes_are_one_sentence(publish, run_folder, tmp_path, arguments, message):
    alone = run_folder.with_name("alone")
    alone.mkdir(exist_ok=True)
    shutil.copy(run_folder / "best.pth", alone)
    errors = publish(run_folder.parent / arguments[0], *arguments[1:], status=2)
    assert message in errors
    assert len(errors.splitlines()) == 1
    assert not list(tmp_path.glob("*small*"))


def test_what_is_not_published_has_no_card(run, run_folder):
    status, _, errors = run("card", run_folder / "best.pth")
    assert status == 2
    assert "has no card: it is not published; make a file with poseforge publish" in errors


def test_what_ships_has_its_card(run):
    path = shipped.FOLDER / f"{shipped.NAME}.pth"
    if not path.is_file():
        pytest.skip("no model ships yet")
    cards = Path(__file__).parents[2] / "docs" / "models"
    assert run("card", "--check", cards / f"{shipped.NAME}.md")[0] == 0
    assert path.stat().st_size <= 8e6
