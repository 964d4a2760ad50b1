"""What a profile holds: everything that tables, files and pages are made of."""

import dataclasses
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

Bound = Literal["arithmetic", "memory", "launch"]
Switch = Literal["channels-last", "bf16", "compile", "larger-batch"]
SWITCHES: tuple[Switch, ...] = get_args(Switch)  # what can be tried


class Spread(NamedTuple):
    """A quantity over the steps: its median, smallest and largest value."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Kernel:
    """A GPU kernel that ran under a layer.

    Attributes:
        name: What the profiler calls it.
        launches: How often it ran a step.
        seconds: How long it ran a step, in all.
    """

    name: str
    launches: float
    seconds: float


@dataclass(frozen=True)
class Work:
    """What a layer has to do in one step at the least.

    Attributes:
        flops: Floating-point operations of convolutions and matrix products, two a multiply-add.
        read_bytes: Inputs and parameters of its operations, each read once.
        written_bytes: Their outputs, each written once.
        operations: How many tensor operations are called; views are none.
    """

    flops: int = 0
    read_bytes: int = 0
    written_bytes: int = 0
    operations: int = 0

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.flops + other.flops,
            self.read_bytes + other.read_bytes,
            self.written_bytes + other.written_bytes,
            self.operations + other.operations,
        )

    @property
    def bytes(self) -> int:
        """Bytes that are read or written."""
        return self.read_bytes + self.written_bytes


@dataclass(frozen=True)
class Limit:
    """What a layer's own work would take on this machine, were it perfect.

    Attributes:
        seconds: The longest of the three below.
        bound: Which of them that is.
        arithmetic_s: Its operations at the measured ceiling of arithmetic.
        memory_s: Its bytes at the measured ceiling of copying.
        launch_s: Its operations at the measured time that the host needs to launch one.
    """

    seconds: float
    bound: Bound
    arithmetic_s: float
    memory_s: float
    launch_s: float


@dataclass(frozen=True)
class Advice:
    """What could make a layer faster.

    Attributes:
        text: One line.
        gain_s: Seconds a step that it would save at the very most.
        switch: What `--try` tries for it; None has none.
    """

    text: str
    gain_s: float
    switch: Switch | None = None


@dataclass(frozen=True)
class Layer:
    """A module of the tree, or a part of the step that is no module, such as the codec's encoding.

    Times are seconds a step. "Own" is what is not in a part below it; own times of all parts of the
    tree add up to the whole step.

    Attributes:
        name: Its qualified name; parts of a module are called after it.
        kind: Its class, or "step" for what is no module.
        depth: 0 is the whole step.
        parameters: Of it and of what is below it.
        calls: How often it runs forward in a step.
        forward_s: On the device, with what is below it.
        backward_s: The same of the backward pass; None where nothing is trained.
        own_s: Forward and backward, without what is below it.
        host_s: On the host, forward and backward, without what is below it.
        share: `own_s` of the whole step.
        work: Its own, forward and backward.
        limit: Of its own work; None where it has none.
        kernel_s: How long its own GPU kernels ran; None on a CPU.
        kernels: They, the longest first.
        peak_bytes: Most memory that was in use while it ran; None where nothing tells.
        advice: For the largest; None has none.
    """

    name: str
    kind: str
    depth: int
    parameters: int
    calls: float
    forward_s: Spread
    backward_s: Spread | None
    own_s: Spread
    host_s: float
    share: float
    work: Work
    limit: Limit | None = None
    kernel_s: float | None = None
    kernels: tuple[Kernel, ...] = ()
    peak_bytes: int | None = None
    advice: Advice | None = None

    @property
    def of_limit(self) -> float | None:
        """How close it is to its limit: 1 is there."""
        if self.limit is None or not self.own_s.median:
            return None
        return self.limit.seconds / self.own_s.median


@dataclass(frozen=True)
class Ceilings:
    """What this machine reaches at most, measured.

    Attributes:
        flops_per_s: Of large matrix products and convolutions, in the profile's precision.
        bytes_per_s: Read and written by a large copy.
        launch_s: What the host needs to launch one tiny operation.
        arithmetic: What reached `flops_per_s`, such as "convolution 3 × 3, channels-last, fp32".
    """

    flops_per_s: float
    bytes_per_s: float
    launch_s: float
    arithmetic: str


@dataclass(frozen=True)
class Stage:
    """A piece of the bar of one step, such as "forward".

    Attributes:
        name: What happens.
        seconds: How long.
    """

    name: str
    seconds: float


@dataclass(frozen=True)
class Loading:
    """How samples come.

    Attributes:
        stages: Seconds a sample of one process, of reading and each transform, in order.
        samples_per_s: Of all workers together, measured.
        waiting_s: Seconds a step that it waits for its batch.
        verdict: One sentence: whether the device waits for data, and what would help.
    """

    stages: tuple[Stage, ...]
    samples_per_s: float
    waiting_s: float
    verdict: str


@dataclass(frozen=True)
class Memory:
    """How memory was used over one step.

    Attributes:
        peak_bytes: The most, with parameters and optimizer state.
        peak_layer: What ran then.
        standing_bytes: What was in use when the step began.
        timeline: (seconds since the step began, bytes in use) at each change.
    """

    peak_bytes: int
    peak_layer: str
    standing_bytes: int
    timeline: tuple[tuple[float, int], ...]


@dataclass(frozen=True)
class Trial:
    """What a switch really brought.

    Attributes:
        switch: Which.
        images_per_s: With it.
        ratio: Speed with it ÷ speed without, round by round.
        error: Why it could not be tried; then there are no numbers.
    """

    switch: Switch
    images_per_s: Spread | None
    ratio: Spread | None
    error: str | None = None


@dataclass(frozen=True)
class Profile:
    """One profiled step of one model.

    Attributes:
        name: The config's.
        settings: Mode, device, batch size, input size, precision, layout, data … in words.
        machine: CPU, cores, GPU.
        versions: Of python and torch.
        commit: The source's, where git tells it.
        date: The day, ISO 8601.
        batch_size: Images a step.
        step_s: A step without the profiler's hooks.
        hooked_s: A step with them, which alternated with those without.
        layers_s: The sum of all layers' own times.
        ceilings: The machine's.
        layers: The tree, each part before what is below it; the first is the whole step.
        bar: Where one step's time goes; what is left over is called "between".
        loading: How samples come; None in a profile without data.
        memory: None where nothing was told.
        trials: Of `--try`.
        max_batch: Of `--max-batch`: the largest batch that fits.
        notes: What a reader has to know.
    """

    name: str
    settings: dict[str, Any]
    machine: dict[str, Any]
    versions: dict[str, str]
    commit: str | None
    date: str
    batch_size: int
    step_s: Spread
    hooked_s: Spread
    layers_s: float
    ceilings: Ceilings
    layers: tuple[Layer, ...]
    bar: tuple[Stage, ...]
    loading: Loading | None = None
    memory: Memory | None = None
    trials: tuple[Trial, ...] = ()
    max_batch: int | None = None
    notes: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's types, with `of_limit` of each layer and a schema's number."""
        values = dataclasses.asdict(self)
        for layer, record in zip(self.layers, values["layers"], strict=True):
            record["of_limit"] = layer.of_limit
        return {"schema": 1, **values}
