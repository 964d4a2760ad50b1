import subprocess
from pathlib import Path

import pytest
import torch

from benchmarks.peers.mmpose import main, make, run


def test_environment_shares_this_torch_and_has_its_own_stand_ins(tmp_path: Path):
    python = make(tmp_path / "peer", (), {"peer_only/__init__.py": "WORD = 'here'\n"})
    script = "import sys, torch, peer_only; print(sys.prefix, torch.__version__, peer_only.WORD)"
    told = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(tmp_path / "peer"), torch.__version__, "here"]


def test_what_pip_cannot_install_is_told_in_a_line_and_leaves_nothing(tmp_path: Path):
    with pytest.raises(RuntimeError) as told:
        make(tmp_path / "peer", [("--no-index", "no-such-package")], {})
    assert str(told.value).endswith(
        "install --quiet --no-index no-such-package` failed: "
        "ERROR: No matching distribution found for no-such-package"
    )
    assert not (tmp_path / "peer").exists()


def test_of_a_failed_build_the_builds_last_line_is_told(tmp_path: Path):
    said = "error: subprocess\\n  the compiler is missing\\n  [end of output]\\nhint: see above"
    script = f"import sys; sys.exit('{said}')"
    with pytest.raises(RuntimeError, match=r"failed: the compiler is missing$"):
        run("python", "-c", script)


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture):
    (tmp_path / "work.txt").touch()
    assert main(["--into", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path} is not empty; name a new folder\n"
    assert (tmp_path / "work.txt").exists()
