import re

import pytest
from rich.console import Console

from poseforge.profiling.outputs.layer_table import layer_table, to_markdown
from poseforge.profiling.record import Profile
from tests.profiling.made_up_profile import cpm_profile, deep_profile


def printed(profile: Profile, width: int, depth: int | None = None, sort: str = "tree") -> str:
    console = Console(width=width, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(layer_table(profile, width=width, depth=depth, sort=sort))
    return capture.get()


def rows(text: str) -> list[str]:
    lines = text.splitlines()
    return lines[next(n for n, line in enumerate(lines) if "──" in line) + 1 :]


def titles(text: str) -> set[str]:
    return set(re.findall(r"[\w.]+", "\n".join(text.splitlines()[:3])))


@pytest.mark.parametrize("width", [40, 60, 80, 120, 160])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_row_a_layer_within_the_width(device: str, width: int) -> None:
    profile = cpm_profile(device)  # type: ignore[arg-type]
    text = printed(profile, width)
    assert len(rows(text)) == len(profile.layers)
    assert all(len(line) <= width for line in text.splitlines())


def test_narrow_tables_have_fewer_columns_and_keep_the_verdict() -> None:
    wide, narrow = printed(cpm_profile("cuda"), 120), printed(cpm_profile("cuda"), 80)
    every = {"layer", "kind", "calls", "fwd", "bwd", "own", "low..high", "share", "GFLOP"}
    assert titles(wide) > every | {"moved", "params", "kernels", "limit", "bound"}
    assert titles(wide) > titles(narrow) > {"layer", "own", "share", "limit", "bound"}
    assert "kind" not in titles(narrow)
    assert "…" not in wide


def test_columns_that_nothing_fills_are_left_out() -> None:
    assert "bwd" not in titles(printed(cpm_profile("cpu", "infer"), 160))
    on_cpu = titles(printed(cpm_profile("cpu"), 160))
    assert "ops" in on_cpu
    assert "kernels" not in on_cpu


def test_a_convolution_by_hand() -> None:
    """9 × 9, 3 to 128 channels, 16 images of 368 × 368, trained: thrice the forward pass."""
    profile = cpm_profile("cuda")
    line = next(line for line in rows(printed(profile, 160, sort="flops")) if "first.0.0.0" in line)
    gflop = 3 * 2 * 16 * 368**2 * 3 * 128 * 81 / 1e9
    megabytes = 3 * 4 * (16 * 368**2 * (3 + 128) + 3 * 128 * 81 + 128) / 1e6
    assert f" {gflop:.0f} " in line
    assert f" {megabytes:.0f} " in line
    assert f" {(3 * 128 * 81 + 128) / 1e3:.1f}k " in line


def test_a_cut_tree_is_indented_and_its_shares_make_a_whole() -> None:
    text = printed(cpm_profile("cuda"), 120, depth=2)
    names = [re.match(r" *\S+", line)[0] for line in rows(text)]  # type: ignore[index]
    assert names[3:6] == ["  model", "    backbone", "    head"]
    shares = [float(re.search(r"([\d.]+) %", line)[1]) for line in rows(text)]  # type: ignore[index]
    assert sum(shares) == pytest.approx(100, abs=1.5)


def test_deep_trees_stay_readable() -> None:
    text = printed(deep_profile(300), 80)
    names = [line.split()[0] for line in rows(text)]
    assert names == ["step", *(f"conv{number}" for number in range(299))]


def test_markdown_has_every_layer_once() -> None:
    profile = cpm_profile("cuda")
    lines = to_markdown(profile).splitlines()
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == [
        layer.name for layer in profile.layers
    ]
    assert len({line.count("|") for line in lines}) == 1
