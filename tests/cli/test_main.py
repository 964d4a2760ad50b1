import argparse
import pickle
from pathlib import Path

import pytest
import torch
from torch._inductor.exc import InductorError, InvalidCxxCompiler

import poseforge
from poseforge.cli import train
from poseforge.cli.arguments import overrides
from poseforge.cli.main import main
from poseforge.engine.config import ConfigError


def sentence(result: tuple[int, str, str]) -> str:
    """Check that a mistake is one line on stderr and status 2; return the line."""
    status, output, errors = result
    assert status == 2
    assert "Traceback" not in output + errors
    lines = errors.splitlines()
    assert len(lines) == 1, errors
    assert lines[0].startswith("error: ")
    return lines[0].removeprefix("error: ")


def test_a_config_that_is_not_there_names_the_nearest(run, config):
    line = sentence(run("train", config.with_name("machin.py")))
    assert (
        line == f"the config {config.parent}/machin.py does not exist; did you mean 'machine.py'?"
    )


def test_a_misspelt_key(run, config):
    config.write_text(config.read_text() + "train_dataloder = None\n")
    assert "'train_dataloder' that PoseForge does not know; did you mean 'train_dataloader'?" in (
        sentence(run("train", config))
    )


@pytest.mark.parametrize(("verb", "more"), [("train", []), ("test", ["best.pth"])])
def test_an_unknown_override(run, config, verb, more):
    line = sentence(run(verb, config, *more, "--cfg-options", "train_cfg.max_epoch=3"))
    assert "'train_cfg.max_epoch': there is no key 'max_epoch'; did you mean 'max_epochs'" in line


def test_a_data_set_that_is_not_there(run, config, tmp_path, monkeypatch):
    monkeypatch.setenv("POSEFORGE_DATA", str(tmp_path / "nowhere"))
    override = "train_dataloader.dataset={'type': 'LSP', 'split': 'fit'}"
    work_dir = tmp_path / "run"
    line = sentence(run("train", config, "--work-dir", work_dir, "--cfg-options", override))
    assert line.startswith(f"the data set 'lsp' is not at {tmp_path}/nowhere/lsp; ")
    assert "`poseforge data download lsp`" in line
    assert "set POSEFORGE_DATA" in line
    assert "configs/quickstart.py" in line


def test_what_cannot_be_compiled(run, config, monkeypatch):
    def compile_in_vain(*_) -> int:
        raise InductorError(InvalidCxxCompiler(), None)

    monkeypatch.setattr(train, "run", compile_in_vain)
    line = sentence(run("train", config, "--compile"))
    assert line.startswith("torch cannot compile the model: No working C++ compiler found in torch")
    assert line.endswith("; mend that, or run without --compile")


def write_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"state_dict": Path("x")}, protocol=4))


def write_pickle_in_zip(path: Path) -> None:
    torch.save({"model": Path("x")}, path)


def write_cut_short(path: Path) -> None:
    torch.save({"model": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: None, "there is no checkpoint file '{}'; check the path"),
        (write_pickle, "'{}' holds pickled objects, which could run code when loaded, and is refu"),
        (write_pickle_in_zip, "'{}' holds pickled objects, which could run code when loaded, an"),
        (write_cut_short, "'{}' cannot be read as a checkpoint: it is damaged, cut short or"),
        (lambda path: torch.save({}, path), "'{}' is no checkpoint of PoseForge"),
    ],
)
def test_a_checkpoint_that_cannot_be_used(run, config, tmp_path, write, message):
    checkpoint = tmp_path / "[0] best.pth"
    write(checkpoint)
    assert sentence(run("test", config, checkpoint)).startswith(message.format(checkpoint))


def test_nothing_to_resume(run, config, tmp_path):
    line = sentence(run("train", config, "--work-dir", tmp_path / "run", "--resume"))
    assert line.startswith(f"there is nothing to resume: {tmp_path}/run/last.pth does not exist; ")


def test_a_gpu_that_is_not_there(run, config, tmp_path):
    number = torch.cuda.device_count() + 7
    arguments = ("--device", f"cuda:{number}", "--work-dir", tmp_path / "run")
    line = sentence(run("train", config, *arguments))
    assert line.startswith(f"device='cuda:{number}' is not there: this machine has {number - 7} ")


def test_traceback_shows_the_error_itself(config):
    missing = str(config.with_name("machin.py"))
    with pytest.raises(ConfigError, match="does not exist"):
        main(["train", missing, "--traceback"])


@pytest.fixture
def damaged_root(fake_root: Path, tmp_path: Path) -> Path:
    """The fake LSP with one picture of the last 100 cut short."""
    root = tmp_path / "data"
    images = root / "lsp" / "images"
    images.mkdir(parents=True)
    (root / "lsp" / "joints.mat").symlink_to(fake_root / "lsp" / "joints.mat")
    for path in (fake_root / "lsp" / "images").iterdir():
        if path.name != "im0903.jpg":
            (images / path.name).symlink_to(path)
    whole = (fake_root / "lsp" / "images" / "im0903.jpg").read_bytes()
    (images / "im0903.jpg").write_bytes(whole[: len(whole) // 2])
    return root


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_in_a_worker_process_is_the_same_sentence(
    run, trained, damaged_root, monkeypatch, workers
):
    monkeypatch.setenv("POSEFORGE_DATA", str(damaged_root))
    overrides = (
        "test_dataloader.dataset={'type': 'LSP', 'split': 'val'}",
        f"test_dataloader.num_workers={workers}",
    )
    config = trained.with_name("machine.py")
    line = sentence(run("test", config, trained / "best.pth", "--cfg-options", *overrides))
    assert line.startswith("sample 'lsp/im0903.jpg' of lsp_val: ")
    assert str(damaged_root / "lsp" / "images" / "im0903.jpg") in line
    assert "cut short" in line


def test_version_and_unknown_verbs(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"{poseforge.__version__}\n"
    with pytest.raises(SystemExit) as left:
        main(["trian"])
    assert left.value.code == 2
    assert "invalid choice: 'trian'" in capsys.readouterr().err


@pytest.mark.parametrize(("rank", "local_rank", "speaks"), [(0, 0, 1), (3, 3, 0), (8, 0, 1)])
def test_of_many_processes_with_one_mistake_one_a_machine_says_so(
    run, config, monkeypatch, rank, local_rank, speaks
):
    monkeypatch.setenv("RANK", str(rank))
    monkeypatch.setenv("LOCAL_RANK", str(local_rank))
    status, _, errors = run("train", config.with_name("missing.py"), "--launcher", "pytorch")
    assert status == 2
    assert len(errors.splitlines()) == speaks


def test_the_choices_about_many_processes_reach_the_config(config):
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    options = parser.parse_args([str(config), "--strategy", "fsdp", "--auto-scale-lr"])
    assert overrides(options) == ["train_cfg.strategy='fsdp'", "auto_scale_lr.enable=True"]
