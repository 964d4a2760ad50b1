import os
import shutil
import signal
import time

import pytest

from poseforge.datasets import build_loader, workers
from poseforge.datasets.workers import WorkerDiedError, check_memory, naming_dead_workers
from poseforge.transforms import Crop

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")  # on one core


# Torch may learn that a worker is gone before it learns why.
LATE = r"exited unexpectedly\); set num_workers=0"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # half-sent batches
@pytest.mark.parametrize(
    ("number", "message"),
    [
        (signal.SIGKILL, r"is killed by signal: Killed\); most often memory ran out: set"),
        (signal.SIGBUS, r"is killed by signal: Bus error\); most often /dev/shm is full"),
        (signal.SIGUSR1, r"is killed by signal: User defined signal 1\); set num_workers=0"),
    ],
)
def test_a_worker_that_dies_is_named_within_seconds(drawn, number, message):
    loader = build_loader(drawn(400), [Crop((9, 9))], batch_size=1, num_workers=2, train=False)
    batches = iter(loader)
    next(batches)
    killed = time.monotonic()

    @naming_dead_workers()
    def use():
        os.kill(loader._iterator._workers[0].pid, number)
        for _ in batches:
            time.sleep(0.01)

    with pytest.raises(WorkerDiedError, match=rf"\(pid \d+ ({message}|{LATE})"):
        use()
    assert time.monotonic() - killed < 10
    loader._iterator._shutdown_workers()


def test_other_errors_are_left_as_they_are(drawn):
    error = RuntimeError("the loss is odd")
    with pytest.raises(RuntimeError) as caught, naming_dead_workers():
        raise error
    assert caught.value is error


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with 8 GB available, 1 GB of it between processes."""
    (tmp_path / "meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable: {8e9 / 1024:.0f} kB\n")
    monkeypatch.setattr(workers, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(workers, "CONTROL_GROUP", tmp_path)
    monkeypatch.setattr(workers, "_free_shared", lambda: 1e9)
    return tmp_path


def test_more_workers_than_memory_allows_are_refused(machine):
    # 500 MB of samples: 80 MB + 4 batches are 2.08 GB a worker, of which there is room for 3 ...
    with pytest.raises(
        ValueError, match=r"num_workers=4 with batches of 500 MB need 8.3 GB of mem"
    ):
        check_memory(1_000_000, 500, 4)
    # ... but the 2 batches that wait take the shared 1 GB of one worker.
    with pytest.raises(
        ValueError, match=r"2.0 GB of /dev/shm, but 1.0 GB are free; set .* to 1 or"
    ):
        check_memory(1_000_000, 500, 2)
    check_memory(1_000_000, 500, 1)
    check_memory(1_000_000, 5000, 0)


def test_a_control_groups_limit_counts(machine):
    (machine / "memory.max").write_text("max\n")
    check_memory(150_000, 64, 10)
    (machine / "memory.max").write_text("900000000\n")
    (machine / "memory.current").write_text("300000000\n")
    with pytest.raises(ValueError, match=r"but 0.6 GB are free; set num_workers to 5 or less"):
        check_memory(150_000, 64, 10)


def test_memory_is_that_of_this_machine():
    page = os.sysconf("SC_PAGE_SIZE")
    assert workers._available_memory() < os.sysconf("SC_PHYS_PAGES") * page
    if not (workers.CONTROL_GROUP / "memory.max").is_file():
        assert workers._available_memory() > 0.5 * os.sysconf("SC_AVPHYS_PAGES") * page
    assert workers._free_shared() == pytest.approx(shutil.disk_usage("/dev/shm").free, rel=0.2)
