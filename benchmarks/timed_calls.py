"""A process that times functions when its parent asks for them; both of two that are compared."""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

Input = TypeVar("Input")
Case = Callable[[Input], Sequence[float]]


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
        case, data = cases[request["case"]], inputs[request["input"]]
        match request["what"]:
            case "seconds":
                answer(seconds(lambda: case(data), request["least"]))
            case "memory":
                answer(memory(lambda: case(data)))
            case _:
                answer([float(number) for number in case(data)])


def seconds(call: Callable[[], object], least: float) -> float:
    """Return the median of as many calls as take `least` seconds together, one at least."""
    times: list[float] = []
    while not times or sum(times) < least:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def memory(call: Callable[[], object]) -> float:
    """Return by how many megabytes a call raises the resident memory at its peak.

    It is made in a fork of this process, whose peak begins at what is resident at the fork, so that
    earlier calls do not count; and the kernel counts what libraries allocate past Python, too.
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
    return float(told)


def _peak() -> float:
    """Return the megabytes that this process has had resident at most (Linux counts KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
