"""A profile on the terminal: the table, the step, and what to do about it."""

from collections.abc import Iterator, Sequence
from itertools import cycle

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from poseforge.profiling.outputs.layer_table import layer_table
from poseforge.profiling.outputs.quantities import (
    digits,
    milliseconds,
    of_bytes,
    percent,
    spread_ms,
)
from poseforge.profiling.record import Ceilings, Loading, Profile, Stage, Trial

BLOCKS = "█▓▒░"  # told apart without colours too
STYLES = ("cyan", "blue", "magenta", "yellow", "green")
MOST_ADVICE = 10


def to_terminal(
    profile: Profile, *, width: int, depth: int | None = None, sort: str = "tree"
) -> Group:
    """Return all that a profile says, for rich's console.

    Args:
        profile: What was measured.
        width: Characters a line of the console.
        depth: The deepest layers of the table; what is below them counts as theirs. None is all.
        sort: One of `layer_tree.SORTS`.

    Raises:
        ValueError: `depth` or `sort` is not allowed.
    """
    parts: list[RenderableType] = [
        Text(headline(profile), style="bold"),
        layer_table(profile, width=width, depth=depth, sort=sort),
        Text("\n" + sums(profile)),
        Text(ceilings(profile.ceilings)),
        Text("\nOne step", style="bold"),
        *_bar(profile.bar, width),
    ]
    if profile.loading:
        parts += [Text(line) for line in _loading_lines(profile.loading)]
    if any(layer.advice for layer in profile.layers):
        title = "What could be faster, and what it would save at the very most"
        parts += [Text(f"\n{title}", style="bold"), _advice(profile)]
    for title, lines in (
        ("Memory", list(_memory_lines(profile))),
        ("Tried", [_trial_line(trial) for trial in profile.trials]),
        ("Notes", list(profile.notes)),
    ):
        if lines:
            parts += [Text(f"\n{title}", style="bold"), *(Text(line) for line in lines)]
    return Group(*parts)


def headline(profile: Profile) -> str:
    """Return the config's name and its settings in one line."""
    settings = (f"{name.replace('_', ' ')} {_words(v)}" for name, v in profile.settings.items())
    return f"{profile.name}: {', '.join(settings)}"


def sums(profile: Profile) -> str:
    """Return the measured step, the sum of the layers, and what lies between them."""
    step = profile.step_s.median
    between = step - profile.layers_s
    return (
        f"measured step {spread_ms(profile.step_s)}, "
        f"{digits(profile.batch_size / step)} images/s; "
        f"sum of layers {milliseconds(profile.layers_s)} ms; "
        f"between {milliseconds(between)} ms ({percent(between / step)}); "
        f"step with the profiler's hooks {milliseconds(profile.hooked_s.median)} ms"
    )


def ceilings(measured: Ceilings) -> str:
    """Return what the machine reaches at most, in one line."""
    return (
        f"ceilings: {digits(measured.flops_per_s / 1e12)} TFLOP/s ({measured.arithmetic}), "
        f"{of_bytes(measured.bytes_per_s)}/s copied, {digits(1e6 * measured.launch_s)} µs a launch"
    )


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " × ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _bar(stages: Sequence[Stage], width: int) -> Iterator[Text]:
    """Yield the bar, and a line a stage that says what its block means."""
    whole = sum(stage.seconds for stage in stages)
    if not whole:
        return
    bar, end, drawn = Text(), 0.0, 0
    for stage, (block, style) in zip(stages, _blocks(), strict=False):
        end += stage.seconds
        cells = round(width * end / whole) - drawn
        drawn += cells
        bar.append(block * cells, style)
    yield bar
    for stage, (block, style) in zip(stages, _blocks(), strict=False):
        words = f"{milliseconds(stage.seconds):>6} ms {percent(stage.seconds / whole):>6}"
        yield Text.assemble((block * 2, style), f" {words}  {stage.name}")


def _blocks() -> Iterator[tuple[str, str]]:
    """Yield characters and their styles without end."""
    return zip(cycle(BLOCKS), cycle(STYLES), strict=True)


def _loading_lines(loading: Loading) -> Iterator[str]:
    yield loading.verdict
    yield (
        f"loading: {digits(loading.samples_per_s)} samples/s; "
        f"a step waits {milliseconds(loading.waiting_s)} ms for its batch"
    )
    whole = sum(stage.seconds for stage in loading.stages)
    if whole:
        parts = (f"{stage.name} {milliseconds(stage.seconds)}" for stage in loading.stages)
        yield f"a sample takes {milliseconds(whole)} ms of one process: {', '.join(parts)}"


def _memory_lines(profile: Profile) -> Iterator[str]:
    if profile.memory:
        memory = profile.memory
        yield (
            f"peak {of_bytes(memory.peak_bytes)} in {memory.peak_layer}; "
            f"{of_bytes(memory.standing_bytes)} stood when the step began"
        )
    if profile.max_batch is not None:
        yield f"the largest batch that fits: {profile.max_batch}"


def _advice(profile: Profile) -> Table:
    advised = [(layer, layer.advice) for layer in profile.layers if layer.advice]
    advised.sort(key=lambda pair: -pair[1].gain_s)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for layer, advice in advised[:MOST_ADVICE]:
        switch = f" (--try {advice.switch})" if advice.switch else ""
        table.add_row(
            f"{milliseconds(advice.gain_s)} ms",
            percent(advice.gain_s / profile.step_s.median),
            Text.assemble((layer.name, "bold"), f": {advice.text}{switch}"),
        )
    return table


def _trial_line(trial: Trial) -> str:
    if trial.ratio is None or trial.images_per_s is None:
        return f"{trial.switch}: could not be tried: {trial.error}"
    ratio = trial.ratio
    return (
        f"{trial.switch}: × {ratio.median:.2f} ({ratio.low:.2f}..{ratio.high:.2f}), "
        f"{digits(trial.images_per_s.median)} images/s"
    )
