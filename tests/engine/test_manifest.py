from pathlib import Path

from poseforge.engine.manifest import commit, cpu_model


def test_the_processor_is_named(tmp_path: Path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Fast CPU @ 3 GHz\nflags\t: a b\n")
    assert cpu_model(cpuinfo) == "Fast CPU @ 3 GHz"
    assert cpu_model(tmp_path / "none")


def test_the_commit_is_a_hash_or_unknown():
    found = commit()
    assert found is None or len(found.removesuffix("+changes")) == 40
