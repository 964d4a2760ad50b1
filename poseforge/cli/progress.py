"""A bar on the terminal for work that is told in numbers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar on stderr, if that is a terminal, before anything heavy is imported.

    Yields:
        What to call with the work's name, what is done and what there is in all.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    stderr = Console(stderr=True, markup=False, highlight=False)
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    ) as bar:
        task = bar.add_task("loading", total=None)
        bar.refresh()

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show
