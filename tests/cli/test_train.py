def test_a_training_ends_with_its_table_unless_told_not_to(run, trained, config, tmp_path):
    assert (trained / "report.json").is_file()
    folder = tmp_path / "run"
    status, output, errors = run("train", config, "--work-dir", folder, "--no-test")
    assert status == 0, errors
    assert "mean pose" not in output
    assert (folder / "best.pth").is_file()
    assert not (folder / "report.json").exists()
