import pytest

from poseforge.datasets import DataNotFoundError, find_data_root


def test_explicit_root_comes_first(tmp_path, monkeypatch):
    for place in ("given", "variable"):
        (tmp_path / place / "lsp").mkdir(parents=True)
    monkeypatch.setenv("POSEFORGE_DATA", str(tmp_path / "variable"))
    assert find_data_root("lsp", tmp_path / "given") == tmp_path / "given" / "lsp"
    assert find_data_root("lsp") == tmp_path / "variable" / "lsp"


def test_data_beside_the_caller_comes_last(tmp_path, monkeypatch):
    (tmp_path / "data" / "lsp").mkdir(parents=True)
    monkeypatch.delenv("POSEFORGE_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert find_data_root("lsp") == tmp_path / "data" / "lsp"


def test_absent_data_set_says_what_to_do(tmp_path):
    with pytest.raises(DataNotFoundError) as error:
        find_data_root("lspet", tmp_path)
    message = str(error.value)
    for part in (
        str(tmp_path / "lspet"),
        "POSEFORGE_DATA",
        "poseforge data download lspet",
        "configs/quickstart.py",
    ):
        assert part in message
    assert isinstance(error.value, FileNotFoundError)
    assert "\n" not in message


def test_a_data_set_without_a_download_says_where_it_is_from(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"'mpii' is not at .*mpii; get it from http://x"):
        find_data_root("mpii", tmp_path, source="http://x")
