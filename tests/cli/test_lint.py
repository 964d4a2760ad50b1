import argparse
import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.planted_faults import FILE, PEOPLE, planted, write_clean
from poseforge.cli import lint


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    write_clean(folder)
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run the verb; returns the exit status and stdout."""

    def call(*arguments: str | Path) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        lint.add_arguments(parser)
        capsys.readouterr()
        options = parser.parse_args([str(argument) for argument in arguments])
        status = lint.run(options, Console(markup=False, highlight=False))
        return status, capsys.readouterr().out

    return call


def faulty(code: str, clean: Path, folder: Path) -> Path:
    planted(code, clean, folder)
    return folder / FILE


def test_clean_people_exit_with_0(clean, run):
    status, output = run(clean / FILE, "--fail-on", "info")
    assert status == 0
    assert output == f"{PEOPLE} people on {PEOPLE} images: 0 error, 0 warning, 0 info\n"


def test_the_exit_status_follows_the_severity(clean, tmp_path, run):
    path = faulty("PF105", clean, tmp_path)
    assert run(path)[0] == 0
    assert run(path, "--fail-on", "warning")[0] == 1
    assert run(path, "--fail-on", "warning", "--ignore", "PF1")[0] == 0
    assert run(path, "--fail-on", "never")[0] == 0
    status, output = run(path, "--fail-on", "info", "--select", "PF105")
    assert status == 1
    assert "PF105 warning: num_keypoints is not the number of labelled points: 1." in output
    assert "people, image 006.png, person 1006: num_keypoints is 15, but 14 points" in output


def test_equal_input_gives_equal_json(clean, tmp_path, run):
    path = faulty("PF101", clean, tmp_path)
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        run(path, "--json", file)
    assert files[0].read_bytes() == files[1].read_bytes()
    content = json.loads(files[0].read_text())
    assert content["counts"] == {"PF101": 1}
    assert content["findings"][0]["joint"] == "head_top"
    assert content["findings"][0]["numbers"] == {"x": 50.0, "y": -3.0}
    assert str(tmp_path) not in files[0].read_text()


def test_a_fixed_file_is_clean(clean, tmp_path, run):
    path = faulty("PF105", clean, tmp_path)
    before = path.read_bytes()
    mended = tmp_path / "mended.json"
    status, output = run(path, "--fix", mended, "--fail-on", "info")
    assert status == 0
    assert "mended 1 findings in" in output
    assert path.read_bytes() == before
    assert run(mended, "--fail-on", "info")[0] == 0


def test_pictures_and_the_number_of_printed_findings(clean, tmp_path, run):
    content = json.loads((clean / FILE).read_text())
    for row in content["annotations"][:5]:
        row["num_keypoints"] += 2
    path = tmp_path / FILE
    path.write_text(json.dumps(content))
    output = run(path, "--images", clean, "--max-per-rule", 2, "--pictures", tmp_path / "out")[1]
    assert output.count("num_keypoints is 1") == 2
    assert "  … and 3 more\n" in output
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["PF105.jpg"]


def test_a_config_is_searched_for_leaks(config, run):
    status, output = run(config)
    assert (status, output) == (0, "11 people on 11 images: 0 error, 0 warning, 0 info\n")
    config.write_text(config.read_text().replace("people(3, 1)", "people(3, 0)"))
    status, output = run(config)
    assert status == 1
    assert "PF303 error" in output
    assert "val (synthetic), image synthetic-0-000001: is the same image as" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "PF9"], "there is no rule 'PF9'"),
        (["--max-per-rule", "-1"], "--max-per-rule -1 is not allowed"),
    ],
)
def test_a_users_mistake_is_one_sentence(clean, run, arguments, message):
    with pytest.raises(ValueError, match=message):
        run(clean / FILE, *arguments)


def test_a_config_has_no_images_and_cannot_be_fixed(config, run, tmp_path):
    with pytest.raises(ValueError, match="--fix mends annotation files"):
        run(config, "--fix", tmp_path / "fixed.json")
    with pytest.raises(ValueError, match="--images says where"):
        run(config, "--images", tmp_path)
