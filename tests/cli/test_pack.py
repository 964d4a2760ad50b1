import numpy as np


def test_a_config_is_packed_and_tested_on_what_was_packed(
    run, trained, config, tmp_path, monkeypatch
):
    """With nothing but the pack on the machine, predictions are where they were."""
    monkeypatch.setenv("POSEFORGE_DATA", str(tmp_path))
    options = ("--loaders", "test", "--quality", "100", "--reach", "9", "--size", "999")
    status, output, errors = run("data", "pack", config, *options)
    assert status == 0, errors
    folder = tmp_path / "packed" / "synthetic"
    assert output.startswith(f"{folder}: 3 people, 0.0 MB, shards: 1\n")
    carried = config.with_name("carried.py")
    carried.write_text(
        config.read_text()
        + 'test_dataloader = {**val_dataloader, "dataset": dict(type="PackedCrops", '
        'part="synthetic")}\n'
    )
    found = []
    for path in (config, carried):
        dump = tmp_path / f"{path.stem}.npz"
        status, output, errors = run("test", path, trained / "last.pth", "--dump", dump)
        assert status == 0, errors
        found.append(np.load(dump))
    assert found[0]["ids"].tolist() == found[1]["ids"].tolist()
    assert np.median(np.abs(found[0]["keypoints"] - found[1]["keypoints"])) < 0.5


def test_the_same_command_again_changes_nothing_and_another_is_refused(run, config, tmp_path):
    command = ("data", "pack", config, "--loaders", "val", "--out", tmp_path / "p")
    assert run(*command)[:2] == run(*command)[:2]
    status, _, errors = run(*command, "--quality", "50")
    assert status == 2
    assert errors.strip().count("\n") == 0  # rich before 15 begins with an empty line
    assert "has a pack of other data or settings" in errors


def test_data_sets_that_differ_under_one_name_are_refused(run, config, tmp_path):
    status, _, errors = run("data", "pack", config, "--out", tmp_path / "p")
    assert status == 2
    assert "two data sets that are called synthetic and differ; take them" in errors
    assert not (tmp_path / "p").exists()


def test_what_a_config_does_not_have_and_wrong_numbers_are_refused(run, config, tmp_path):
    config.write_text(config.read_text().replace("test_dataloader = val_dataloader\n", ""))
    for arguments, complaint in (
        (("--loaders", "test"), "has none of test_dataloader; add one"),
        (("--workers", "0"), "--workers 0 is not allowed; give 1 or more"),
        (("--quality", "0"), "give a quality of 1 to 100"),
    ):
        status, _, errors = run("data", "pack", config, "--out", tmp_path / "p", *arguments)
        assert status == 2
        assert complaint in errors


def test_the_repeated_people_of_combined_data_sets_are_packed_once(run, config, tmp_path):
    config.write_text(
        config.read_text().replace(
            "    dataset=people(8, 0),",
            '    dataset=dict(type="Combined", datasets=[people(8, 0)], ratios=[2.5]),',
        )
    )
    status, output, errors = run("data", "pack", config, "--loaders", "train", "--out", tmp_path)
    assert status == 0, errors
    assert f"{tmp_path / 'synthetic'}: 8 people" in output
