"""Times of nested spans of work, on the host and on the device."""

import bisect
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import torch

Pass = Literal["forward", "backward"]


class Key(NamedTuple):
    """Whose time it is: a part of the step, and in which pass."""

    name: str
    direction: Pass


# Parts of a step that are no modules; what they do outside of the parts below them is their own.
STEP = "step"
WAITING = "waiting for data"
COPY = "copy to the device"
MODEL = "model"  # the estimator itself
BACKWARD = "backward pass"
OPTIMIZER = "optimizer"
OWN_COST = Key("(profiler)", "forward")  # what profiling itself adds to a step


@dataclass
class SpanTime:
    """What one span took, without the spans inside it.

    Attributes:
        key: Whose it is.
        parent: The place, among all spans of the step, of the one that it is in; None is in none.
        device_s: Seconds between what it queued first and last; on a CPU that is `host_s`.
        host_s: Seconds of the host.
    """

    key: Key
    parent: int | None
    device_s: float
    host_s: float


class Listener(Protocol):
    """Told of every span."""

    def begin(self, key: Key) -> None:
        """A span begins."""

    def end(self) -> None:
        """The innermost span ends."""


@dataclass
class _Span:
    key: Key
    parent: int | None
    host: list[float] = field(default_factory=list)  # beginning and end, seconds
    device: list[torch.cuda.Event] = field(default_factory=list)


class Recorder:
    """Measures spans, which may nest.

    It knows, too, in which span each autograd node was made: nodes are numbered as they are made.

    Args:
        device: Where the work runs; on a GPU its own clock is read, without waiting for it.
        listener: Told of each span besides; None is nobody.
    """

    def __init__(self, device: torch.device, listener: Listener | None = None) -> None:
        self._is_cuda = device.type == "cuda"
        self._listener = listener
        self._spans: list[_Span] = []
        self._open: list[int] = []
        self._changes: list[tuple[int, str]] = []  # from which node on, who makes them

    @property
    def current(self) -> Key | None:
        """Of the innermost span that is open."""
        return self._spans[self._open[-1]].key if self._open else None

    @contextmanager
    def span(self, name: str, direction: Pass = "forward") -> Iterator[None]:
        """Measure what happens inside."""
        self.begin(Key(name, direction))
        try:
            yield
        finally:
            self.end()

    def begin(self, key: Key) -> None:
        """Open a span."""
        span = _Span(key, self._open[-1] if self._open else None)
        self._open.append(len(self._spans))
        self._spans.append(span)
        if self._listener is not None:
            self._listener.begin(key)
        self._note_owner()
        self._tick(span)

    def end(self) -> None:
        """Close the innermost span."""
        self._tick(self._spans[self._open.pop()])
        self._note_owner()
        if self._listener is not None:
            self._listener.end()

    def owner(self, node_number: int) -> str:
        """Return the name of the span in which an autograd node of this step was made."""
        index = bisect.bisect_right(self._changes, node_number, key=lambda change: change[0])
        return self._changes[index - 1][1] if index else ""

    def take(self) -> list[SpanTime]:
        """Return all spans since the last call, an outer one before those in it; forget them."""
        if self._is_cuda:
            torch.cuda.synchronize()
        times = [
            SpanTime(span.key, span.parent, self._device_s(span), span.host[1] - span.host[0])
            for span in self._spans
        ]
        for span in self._spans:
            if span.parent is not None:
                times[span.parent].device_s -= self._device_s(span)
                times[span.parent].host_s -= span.host[1] - span.host[0]
        self._spans.clear()
        self._changes.clear()
        return times

    def _tick(self, span: _Span) -> None:
        if self._is_cuda:
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            span.device.append(event)
        span.host.append(time.perf_counter())

    def _device_s(self, span: _Span) -> float:
        if self._is_cuda:
            milliseconds: float = span.device[0].elapsed_time(span.device[1])
            return milliseconds / 1e3
        return span.host[1] - span.host[0]

    def _note_owner(self) -> None:
        name = self._spans[self._open[-1]].key.name if self._open else ""
        number = torch.autograd._get_sequence_nr()  # type: ignore[attr-defined]
        self._changes.append((number, name))
