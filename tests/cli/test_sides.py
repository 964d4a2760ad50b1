import hashlib
import json

import pytest

PICKY = ("--min-score", "1e-9", "--margin", "99")


def test_a_training_set_is_judged_and_its_corrections_are_used(run, trained, config, tmp_path):
    file = tmp_path / "c.json"
    command = ("data", "sides", config, trained / "last.pth", "--out", file, *PICKY)
    assert run(*command, "--wild", "0.01")[0] == 0
    everyone = json.loads(file.read_text())["data"]["synthetic"]["corrections"]
    medians = sorted(correction["median"] for correction in everyone.values())
    assert len(medians) == 8
    wild = (medians[4] + medians[5]) / 2
    status, output, errors = run(*command, "--wild", str(wild), "--pictures", tmp_path / "p")
    assert status == 0, errors
    content = json.loads(file.read_text())
    weights = (trained / "last.pth").read_bytes()
    assert content["teacher"]["sha256"] == hashlib.sha256(weights).hexdigest()
    assert content["trust"]["wild"] == wild
    expected = {who: each for who, each in everyone.items() if each["median"] > wild}
    assert content["data"]["synthetic"]["corrections"] == expected
    assert "synthetic: 8 people, of 8 of whom the model is sure: 0 to mirror, 3 to drop" in output
    assert (tmp_path / "p" / "synthetic_drop.jpg").stat().st_size > 1000
    corrected = config.with_name("corrected.py")
    corrected.write_text(
        config.read_text()
        + f"train_dataloader['dataset'] = dict(type='Corrected', file={str(file)!r},\n"
        "    dataset=train_dataloader['dataset'])\n"
        "train_dataloader['batch_size'] = 1\n"
    )
    status, _, errors = run("train", corrected, "--work-dir", tmp_path / "run")
    assert status == 0, errors
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["data"]["train"]["people"] == 5


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--agreement", "1.5"), "an agreement up to 1"),
        (("--device", "tpu"), "is not a device"),
    ],
)
def test_wrong_options_are_refused_and_nothing_is_written(
    run, trained, config, tmp_path, options, complaint
):
    out = tmp_path / "c.json"
    status, _, errors = run("data", "sides", config, trained / "last.pth", "--out", out, *options)
    assert status == 2
    assert complaint in errors
    assert errors.strip().count("\n") == 0  # rich before 15 begins with an empty line
    assert not out.exists()
