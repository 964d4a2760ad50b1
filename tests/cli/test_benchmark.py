import json

import pytest
import torch

from poseforge.profiling.result_file import read_result

QUICK = ("--batch-sizes", "1", "2", "--repeats", "2", "--device", "cpu")


@pytest.mark.parametrize("mode", ["infer", "train"])
def test_every_combination_has_a_row_and_its_measurements(run, config, tmp_path, mode):
    out = tmp_path / "new" / "speed.json"
    sizes = ("--precisions", "fp32", "bf16", "--image-sizes", "32x32", "48x64")
    status, output, errors = run("benchmark", config, "--mode", mode, *QUICK, *sizes, "--out", out)
    assert status == 0, errors
    rows = [line.split() for line in output.splitlines()]
    result = read_result(out)
    assert len(result["measurements"]) == 8 * 3
    found = {item["name"]: item for item in result["measurements"]}
    for size in ("32x32", "48x64"):
        for precision in ("fp32", "bf16"):
            for batch in (1, 2):
                (row,) = (r for r in rows if r[:3] == [str(batch), size, precision])
                images = "1 image" if batch == 1 else f"{batch} images"
                name = f"machine, {images} of {size.replace('x', ' x ')}, {precision}"
                latency = found[f"{name}: latency"]
                assert float(row[4]) == pytest.approx(1000 * latency["median"], rel=0.05)
                rates = [batch / seconds for seconds in latency["values"]]
                assert found[f"{name}: throughput"]["values"] == pytest.approx(rates)
    assert f"wrote {out}" in output.replace("\n", "")
    settings = result["settings"]
    assert (settings["mode"], settings["device"]) == (mode, "cpu")
    assert settings["grid"]["sizes"] == [[32, 32], [48, 64]]
    assert result["machine"]["gpu"] is None


def test_without_a_file_the_result_is_named_after_what_was_measured(
    run, config, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    status, _, errors = run("benchmark", config, *QUICK, "--threads", "1", "--channels-last")
    torch.set_num_threads(threads)
    assert status == 0, errors
    (path,) = (tmp_path / "work_dirs" / "benchmark").iterdir()
    assert path.name.startswith("benchmark_infer_machine--")
    settings = json.loads(path.read_text())["settings"]
    assert settings["threads"] == 1
    assert settings["channels_last"]


def test_a_checkpoint_and_overrides(run, trained, tmp_path):
    config, best = trained.with_name("machine.py"), trained / "best.pth"
    arguments = (config, "--checkpoint", best, *QUICK, "--out", tmp_path / "a.json")
    assert run("benchmark", *arguments)[0] == 0
    status, _, errors = run("benchmark", *arguments, "--cfg-options", "model.head.width=16")
    assert status == 2
    assert "is a checkpoint of another model" in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--repeats", "0"], "seconds=None and repeats=0; give one of them, above 0"),
        (["--seconds", "0"], "seconds=0.0 and repeats=None; give one of them, above 0"),
        (["--batch-sizes", "0"], "batch sizes (0,); each is 1 or more"),
        (["--threads", "0"], "--threads 0; give 1 or more"),
        (["--device", "cuda:99"], "device='cuda:99' is not there"),
        (["--image-sizes", "256"], "--image-sizes '256'; give WIDTHxHEIGHT"),
        (["--image-sizes", "0x8"], "--image-sizes '0x8'; give WIDTHxHEIGHT"),
        (["--image-sizes", "30x32"], "nothing can be timed: machine, 1 image of 30 x 32, fp32: "),
        (["--out", "speed.txt"], "results are JSON; name a file that ends in .json"),
        (["--out", "machine.py/a.json"], "machine.py cannot be written to"),
        (["--checkpoint", "no.pth"], "there is no checkpoint file 'no.pth'"),
        (["--cfg-options", "model.head.width=x"], "nothing can be timed: machine, 1 image of "),
    ],
)
def test_a_mistake_is_one_sentence(run, config, monkeypatch, arguments, message):
    monkeypatch.chdir(config.parent)
    status, _, errors = run("benchmark", config, "--device", "cpu", *arguments)
    assert status == 2
    assert message in errors
    assert len(errors.splitlines()) == 1
    assert sorted(path.name for path in config.parent.rglob("*.json")) == []
