import pytest

from poseforge.profiling.batch_search import free_bytes, largest


@pytest.mark.parametrize("true", [*range(40), 63, 64, 65, 999, 1000])
def test_the_largest_that_fits_is_found_in_few_tries(true):
    tries = []
    assert largest(lambda n: tries.append(n) or n <= true, most=1000) == true
    assert len(tries) <= 2 * (true + 1).bit_length() + 1


def test_the_search_ends_where_it_is_told_to():
    tries = []
    assert largest(lambda n: tries.append(n) or True, most=100) == 100
    assert max(tries) <= 100


def test_free_memory_is_what_the_system_tells(tmp_path):
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:       100 kB\nMemFree:  10 kB\nMemAvailable:   40 kB\n")
    assert free_bytes(file) == 40 * 1024
    with pytest.raises(ValueError, match="leave --max-batch out"):
        free_bytes(tmp_path / "none")
