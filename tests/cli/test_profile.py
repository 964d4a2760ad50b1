import json

import pytest
import torch

from poseforge.cli.main import main
from poseforge.profiling.batch_search import free_bytes
from tests.engine.processes import run_together

SMALL = [
    "--cfg-options", "train_dataloader.dataset.num_people=16", "train_dataloader.num_workers=0",
]  # fmt: skip
FEW = ["--device", "cpu", "--steps", "1", "--batch-size", "2"]


def test_a_user_gets_a_table_and_files(tmp_path, capsys):
    out = tmp_path / "out"
    command = ["profile", "configs/quickstart.py", *FEW, "--sort", "time", "--out", str(out)]
    assert main([*command, *SMALL]) == 0
    text = capsys.readouterr().out
    for word in ("measured step", "ceilings", "backward", "loading", "perfetto"):
        assert word in text
    found = json.loads((out / "profile.json").read_text())
    own = sum(layer["own_s"][0] for layer in found["layers"])
    assert own == pytest.approx(found["hooked_s"][0], rel=0.05)
    assert {path.name for path in out.iterdir()} == {
        "profile.json", "layers.csv", "profile.html", "trace.pt.trace.json", "tensorboard"
    }  # fmt: skip


def test_on_a_cpu_the_batch_is_what_takes_two_seconds(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("poseforge.profiling.session.STEP_S", 1e-6)
    command = ["profile", "configs/quickstart.py", "--device", "cpu", "--steps", "1"]
    assert main([*command, "--out", str(tmp_path / "out"), *SMALL]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "The batch has 1 images in place of the config's 16" in text


def test_without_data_the_input_is_noise_and_that_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("POSEFORGE_DATA", str(tmp_path))
    command = ["profile", "configs/simplepose_lsp.py", *FEW, "--mode", "infer"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "The input is noise, as the data is not here" in text


def test_two_settings_are_compared_by_layer(tmp_path, capsys):
    out = tmp_path / "out"
    command = ["profile", "configs/quickstart.py", *FEW, "--mode", "infer", "--out", str(out)]
    assert main([*command, "--vs", "train_cfg.channels_last=False"]) == 0
    assert "train_cfg.channels_last=False is " in " ".join(capsys.readouterr().out.split())
    found = json.loads((out / "comparison.json").read_text())
    assert {"head.blocks.0.0", "codec.decode"} <= {layer["name"] for layer in found["layers"]}
    saved = sum(layer["saved_s"] for layer in found["layers"])
    assert abs(saved) < sum(layer["first_s"][0] for layer in found["layers"])


def test_another_config_is_compared_by_layer(tmp_path):
    out = tmp_path / "out"
    command = ["profile", "configs/simplepose_synthetic.py", *FEW, "--mode", "infer"]
    assert main([*command, "--out", str(out), "--vs", "configs/hmappose_synthetic.py"]) == 0
    found = json.loads((out / "comparison.json").read_text())
    assert found["names"] == ["simplepose_synthetic", "hmappose_synthetic"]
    only = {layer["name"] for layer in found["layers"] if layer["first_s"] is None}
    assert only


@pytest.mark.slow
def test_of_several_processes_the_first_reports_and_each_traces(tmp_path):
    out = tmp_path / "out"
    command = ["profile", "configs/quickstart.py", *FEW, "--launcher", "pytorch"]
    ends = run_together(2, lambda _: main([*command, "--out", str(out), *SMALL]))
    assert ends == [0, 0]
    names = {path.name for path in out.iterdir()}
    assert {"profile.json", "trace.pt.trace.json", "process1_trace.pt.trace.json"} <= names
    events = json.loads((out / "trace.pt.trace.json").read_text())["traceEvents"]
    assert any("allreduce" in str(event.get("name")) for event in events)


@pytest.mark.slow
def test_switches_are_tried_and_the_largest_batch_is_found(tmp_path):
    out = tmp_path / "out"
    command = ["profile", "configs/quickstart.py", *FEW, "--try", "--max-batch"]
    assert main([*command, "--out", str(out), *SMALL]) == 0
    found = json.loads((out / "profile.json").read_text())
    trials = {trial["switch"]: trial for trial in found["trials"]}
    assert set(trials) == {"bf16", "compile", "larger-batch"}  # channels-last it has already
    for trial in trials.values():
        assert trial["error"] is not None or trial["ratio"][1] > 0
    assert trials["larger-batch"]["error"] is None
    image_bytes = 9 * 96 * 96 * 4  # the least: the first features of one image
    assert 0 < found["max_batch"] < free_bytes() / image_bytes


def test_the_switch_that_advice_names_can_be_tried(tmp_path):
    out = tmp_path / "out"
    command = ["profile", "configs/quickstart.py", *FEW, "--try", "larger-batch"]
    assert main([*command, "--out", str(out), *SMALL]) == 0
    [trial] = json.loads((out / "profile.json").read_text())["trials"]
    assert trial["switch"] == "larger-batch"
    assert trial["ratio"][0] > 0


def refused(capsys, *arguments: str) -> str:
    assert main(["profile", "configs/quickstart.py", *arguments]) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return " ".join(captured.err.split())


def test_mistakes_get_a_sentence(tmp_path, capsys):
    out = ["--out", str(tmp_path / "out")]
    assert "steps is 0" in refused(capsys, "--steps", "0", *out)
    assert "--depth -1" in refused(capsys, "--depth", "-1", *out)
    assert "batch_size is -1" in refused(capsys, "--batch-size", "-1", *out)
    if not torch.cuda.is_available():
        assert "is not there" in refused(capsys, "--device", "cuda", *out)
    (tmp_path / "file").write_text("")
    blocked = str(tmp_path / "file" / "out")
    assert "cannot be written to" in refused(capsys, "--out", blocked, *FEW)


def test_what_does_not_fit_names_what_does(tmp_path, capsys, monkeypatch):
    """A GPU that runs out of memory above three images, played by the search's own question."""

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("poseforge.profiling.session.profile", full)
    monkeypatch.setattr("poseforge.profiling.session.largest_batch", lambda *_: 3)
    error = refused(capsys, *FEW, "--out", str(tmp_path / "out"), *SMALL)
    assert "the largest that does has 3 images: use --batch-size 3" in error


def test_steps_to_profile_in_a_training_must_be_two_numbers(capsys):
    with pytest.raises(SystemExit):
        main(["train", "configs/quickstart.py", "--profile-steps", "50"])
    assert "'50' is not FIRST:LAST" in capsys.readouterr().err
