"""Functions timed in a process of their own, and the parent that asks for it.

Two sides that are compared are two such processes, which may have different interpreters; so this
file needs nothing but Python.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

Input = TypeVar("Input")
Case = Callable[[Input], Sequence[float]]
ROOT = Path(__file__).parents[1]
CALLS = 20  # of a latency
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def latencies(call: Callable[[Input], object]) -> Case[Input]:
    """Return a case: the processor's seconds of calling a function again and again."""

    def timed(given: Input) -> list[float]:
        times = []
        for _ in range(CALLS):
            start = time.process_time()
            call(given)
            times.append(time.process_time() - start)
        return times

    return timed


class Side:
    """A process of one thread that times functions; a context, at whose end it ends.

    Args:
        python: The interpreter.
        module: What it runs: a module that calls `serve`.
        folder: What the module is told, and where its errors are kept.

    Attributes:
        cases: What it can time.
        versions: Of its packages.

    Raises:
        RuntimeError: It ended; the message is the last line that it has written.
    """

    def __init__(self, python: str, module: str, folder: Path) -> None:
        self._errors = folder / f"{module}.txt"
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [python, "-m", module, str(folder)],
                cwd=ROOT,
                env={**os.environ, **ONE_THREAD},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        hello = self._answer()
        self.cases: list[str] = hello["cases"]
        self.versions: dict[str, str] = hello["versions"]

    def ask(self, **request: Any) -> Any:
        """Return the answer to a request; see `serve`."""
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        line = self._process.stdout.readline()
        if not line:
            self._process.communicate()
            said = self._errors.read_text().strip().splitlines() or ["it said nothing"]
            raise RuntimeError(said[-1])
        return json.loads(line)

    def __enter__(self) -> "Side":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # closes its input, at which it ends


def serve(
    cases: Mapping[str, Case[Input]], inputs: Mapping[str, Input], versions: Mapping[str, str]
) -> None:
    """Answer requests, a line of JSON each, until there are no more.

    The first line that is written tells the cases and versions. A request names a `case`, an
    `input` and `what` to tell of the call: "seconds" with the least seconds to spend (`least`), the
    megabytes of "memory", or its "numbers".

    Args:
        cases: Functions of an input that return numbers.
        inputs: What they are called with.
        versions: Of the packages that they are from.
    """
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a function prints must not come between the answers

    def answer(found: Any) -> None:
        print(json.dumps(found), file=channel, flush=True)

    answer({"cases": list(cases), "versions": dict(versions)})
    for line in sys.stdin:
        request = json.loads(line)
        call = partial(cases[request["case"]], inputs[request["input"]])
        if request["what"] == "seconds":
            answer(seconds(call, request["least"]))
        elif request["what"] == "memory":
            answer(memory(call))
        else:
            answer([float(number) for number in call()])


def seconds(call: Callable[[], object], least: float) -> float:
    """Return the median of as many calls as take `least` seconds together, one at least.

    They are seconds of the processor: another program of the machine may interrupt a call, but what
    it does meanwhile does not count.
    """
    times: list[float] = []
    while not times or sum(times) < least:
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return statistics.median(times)


def memory(call: Callable[[], object]) -> float:
    """Return by how many megabytes a call raises the resident memory at its peak.

    It is made in a fork of this process, whose peak begins at what is resident at the fork, so that
    earlier calls do not count; and the kernel counts what libraries allocate past Python, too.

    Raises:
        RuntimeError: The fork ended before the call did.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        before = _peak()
        call()
        os.write(write, str(_peak() - before).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    if not told:
        raise RuntimeError("a call has ended its process; was there enough memory?")
    return float(told)


def _peak() -> float:
    """Return the megabytes that this process has had resident at most (Linux counts KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
