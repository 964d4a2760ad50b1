from dataclasses import replace

import pytest
from rich.console import Console

from poseforge.profiling.outputs.console import to_terminal
from poseforge.profiling.record import Profile, Spread, Stage
from tests.profiling.made_up_profile import cpm_profile


def printed(profile: Profile, width: int = 120) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(to_terminal(profile, width=width))
    return capture.get()


def test_all_that_was_found_is_printed() -> None:
    text = " ".join(printed(cpm_profile("cuda")).split())
    for words in (
        "cpm_lsp: mode train, device cuda",
        "channels last no",
        "ceilings: 640 TFLOP/s (matrix product, bf16), 2.60 TB/s copied, 5.00 µs a launch",
        "The device waits 6 % of a step for data",
        "the largest batch that fits: 72",
        "in head.later.4.4; 1.10 GB stood when the step began",
        "channels-last: × 1.31 (1.28..1.33)",
        "amp fp16: could not be tried: fp16 is not supported on this device",
        "FLOPs are those of convolutions",
    ):
        assert words in text


def test_step_layers_and_between_by_hand() -> None:
    profile = replace(
        cpm_profile("cpu"), step_s=Spread(0.2, 0.19, 0.25), layers_s=0.196, batch_size=8
    )
    text = " ".join(printed(profile).split())
    assert "measured step 200 ms (190..250), 40.0 images/s; sum of layers 196 ms" in text
    assert "between 4.00 ms (2.0 %)" in text


def test_the_ten_largest_gains_come_first() -> None:
    profile = cpm_profile("cuda")
    text = printed(profile)
    gains = {x.name: x.advice.gain_s for x in profile.layers if x.advice}
    assert len(gains) == 10
    places = {name: text.index(f"{name}: ") for name in gains}
    assert sorted(places, key=lambda name: places[name]) == sorted(gains, key=lambda n: -gains[n])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_bar_is_as_wide_as_the_console_and_in_proportion(width: int) -> None:
    profile = replace(cpm_profile("cpu"), bar=(Stage("forward", 0.03), Stage("backward", 0.09)))
    text = printed(profile, width)
    assert all(len(line) <= width for line in text.splitlines())
    bar = next(line for line in text.splitlines() if set(line) == set("█▓"))
    assert (bar.count("█"), bar.count("▓")) == (width // 4, width - width // 4)


def test_a_profile_with_nothing_but_layers() -> None:
    profile = cpm_profile("cpu", "infer")
    bare = replace(
        profile,
        bar=(),
        loading=None,
        memory=None,
        trials=(),
        notes=(),
        layers=tuple(replace(layer, advice=None) for layer in profile.layers),
    )
    text = printed(bare)
    assert "measured step" in text
    for title in ("What could be faster", "Memory", "Tried", "Notes"):
        assert title not in text


def test_square_brackets_are_no_markup() -> None:
    profile = replace(cpm_profile("cpu"), notes=("see [bold]x[/bold]",))
    assert "see [bold]x[/bold]" in printed(profile)
