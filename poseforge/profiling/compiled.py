"""Regions that `torch.compile` has made one piece of code of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import fx

from poseforge.profiling.spans import Recorder


class CompiledRegions:
    """Compiles as `torch.compile` does, and measures each region that comes of it.

    A region is what lies between two places where the compiler had to stop. What it was made of is
    known by the modules that its graph remembers; how its time is shared among them is not.

    Args:
        mode: Of `torch.compile`.

    Attributes:
        modules: The modules of each region, by its name.
    """

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._recorder: Recorder | None = None
        self.modules: dict[str, list[str]] = {}

    def compile(self, module: torch.nn.Module) -> Any:
        """Return the module compiled; what of it is called first is compiled first."""
        return torch.compile(module, backend=self._region)

    @contextmanager
    def watched(self, recorder: Recorder) -> Iterator[None]:
        """Measure the regions that run while this is open."""
        self._recorder = recorder
        try:
            yield
        finally:
            self._recorder = None

    def _region(self, graph: fx.GraphModule, inputs: list[Any]) -> Callable[..., Any]:
        from torch._inductor import list_mode_options
        from torch._inductor.compile_fx import compile_fx

        run: Any = compile_fx(graph, inputs, config_patches=list_mode_options(self._mode))
        name = f"compiled region {len(self.modules) + 1}"
        self.modules[name] = _modules_of(graph)

        def measured(*args: Any) -> Any:
            if self._recorder is None:
                return run(*args)
            with self._recorder.span(name):
                return run(*args)

        return measured


def _modules_of(graph: fx.GraphModule) -> list[str]:
    """Return the qualified names of the modules whose operations are in a graph, in order."""
    names: dict[str, None] = {}
    for node in graph.graph.nodes:
        stack = node.meta.get("nn_module_stack")
        if stack:
            path, _ = next(reversed(stack.values()))
            names[path.removeprefix("L['self'].")] = None
    return list(names)
