import subprocess

import pytest

from benchmarks.commands import run_for

SAVES = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
time.sleep(60)
"""
BEFORE_ITS_FIRST_ITERATION = "import time; time.sleep(60)"


@pytest.mark.parametrize("code", [SAVES, BEFORE_ITS_FIRST_ITERATION])
def test_a_training_that_runs_too_long_is_asked_to_save_and_stop(code: str):
    assert run_for(["-c", code], 2.0) is False


def test_a_training_may_end_by_itself():
    assert run_for(["-c", "pass"], 60.0) is True


@pytest.mark.parametrize("code", ["raise SystemExit(2)", SAVES.replace("sys.exit(143)", "None")])
def test_a_training_that_fails_or_does_not_stop_is_an_error(code: str):
    with pytest.raises(subprocess.CalledProcessError):
        run_for(["-c", code], 2.0, patience_s=0.5)
