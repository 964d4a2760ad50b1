"""How fast configs' models are, over batch sizes, precisions and image sizes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from poseforge.engine.config import RunConfig
from poseforge.models.checkpoints import read_checkpoint
from poseforge.profiling.throughput.cells import (
    Network,
    Precision,
    Setting,
    Size,
    TimedCell,
    Trouble,
    own_size,
)
from poseforge.profiling.throughput.turns import Effort, alternate

PATIENCE = 12  # budgets of a cell: a call that is expected to take longer is left out


@dataclass(frozen=True)
class Grid:
    """The cells of each config: all combinations.

    Args:
        batch_sizes: Images a batch.
        precisions: What is computed in.
        sizes: (width, height) of inputs, pixels; none is the config's own.

    Raises:
        ValueError: A number is below 1.
    """

    batch_sizes: tuple[int, ...] = (1,)
    precisions: tuple[Precision, ...] = ("fp32",)
    sizes: tuple[Size, ...] = ()

    def __post_init__(self) -> None:
        if min(self.batch_sizes) < 1:
            raise ValueError(f"batch sizes {self.batch_sizes}; each is 1 or more")

    @property
    def size(self) -> int:
        """Cells of a config."""
        sizes = self.sizes or (None,)
        return len(self.batch_sizes) * len(self.precisions) * len(sizes)


def measure(
    configs: Sequence[RunConfig],
    grid: Grid,
    setting: Setting,
    effort: Effort,
    advance: Callable[[], object] = lambda: None,
) -> list[TimedCell]:
    """Time all cells of all configs in turn.

    Args:
        configs: Whose models.
        grid: The cells of each.
        setting: What they have in common.
        effort: How much each cell is timed.
        advance: Called for each cell when it is warm, and after each of its turns.

    Raises:
        CheckpointError: The checkpoint is not there, broken or refused.
        ValueError: Two configs have one name, or one checkpoint is for several; or no cell works.
    """
    if setting.checkpoint is not None and len(configs) > 1:
        raise ValueError("a checkpoint holds one model; name one config with it")
    names = [config.name for config in configs]
    if len(set(names)) < len(names):
        raise ValueError(f"two configs have one name ({', '.join(names)}); rename one")
    state = None if setting.checkpoint is None else read_checkpoint(setting.checkpoint)
    with _compiling_for_each(grid, len(configs)) if setting.compile else nullcontext():
        cells: list[TimedCell] = []
        for config in configs:
            for size in grid.sizes or (own_size(config),):
                for precision in grid.precisions:
                    network = Network(config, size, precision, setting, state)
                    for cell in warm_cells(network, grid.batch_sizes, effort.budget):
                        cells.append(cell)
                        advance()
        troubles = [f"{item.cell}: {item.trouble.sentence}" for item in cells if item.trouble]
        if len(troubles) == len(cells):
            raise ValueError(f"nothing can be timed: {troubles[0]}")
        alternate(cells, effort, advance)
    return cells


def warm_cells(network: Network, batch_sizes: Sequence[int], budget: float) -> Iterator[TimedCell]:
    """Give a network's cells, warmed up; larger ones than there is patience for are not tried."""
    an_image = 0.0
    least = 2 if network.setting.compile else 1  # the first call compiles
    for batch_size in sorted(batch_sizes):
        item = TimedCell(network, batch_size)
        expected = an_image * batch_size
        if expected > PATIENCE * budget:
            item.trouble = Trouble(
                "too slow",
                f"a batch would take about {expected:.0f} s, too long for {budget:g} s a cell; "
                "give more --seconds, or --repeats",
            )
        else:
            an_image = item.warm_up(budget, least) / batch_size or an_image
        yield item


@contextmanager
def _compiling_for_each(grid: Grid, configs: int) -> Iterator[None]:
    """Compile each cell for its own shapes, and keep the code of all."""
    import torch._dynamo  # takes a second to load

    cells = configs * grid.size
    with torch._dynamo.config.patch(
        automatic_dynamic_shapes=False,
        recompile_limit=8 + 2 * cells,
        accumulated_recompile_limit=256 + 2 * cells,
    ):
        yield
