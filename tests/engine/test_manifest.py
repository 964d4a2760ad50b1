from pathlib import Path

from poseforge.engine.manifest import command_text, commit, cpu_model, training_seconds


def test_the_processor_is_named(tmp_path: Path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Fast CPU @ 3 GHz\nflags\t: a b\n")
    assert cpu_model(cpuinfo) == "Fast CPU @ 3 GHz"
    assert cpu_model(tmp_path / "none")


def test_the_commit_is_a_hash_or_unknown():
    found = commit()
    assert found is None or len(found.removesuffix("+changes")) == 40


def test_a_command_does_not_tell_the_folders_of_its_machine():
    arguments = ["tools/train.py", "--work-dir", "/home/me/runs/a", "--cfg-options", "x='/b/c.py'"]
    expected = "python tools/train.py --work-dir a --cfg-options x='c.py'"
    assert command_text(arguments) == expected


def test_the_time_of_steps_is_that_of_their_images():
    steps = [{"images_per_s": 20.0}, {"images_per_s": 5.0}]
    assert training_seconds(steps, 10) == 0.5 + 2.0
