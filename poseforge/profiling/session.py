"""One profiling of a config, with all that a user may ask for at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from poseforge.engine.config import load_config
from poseforge.engine.distributed import World, claim_device, gather
from poseforge.files import check_writable
from poseforge.profiling.batch_search import DoesNotFitError, largest_batch
from poseforge.profiling.comparison import Comparison, compare
from poseforge.profiling.loading import measure_loading
from poseforge.profiling.profiler import profile
from poseforge.profiling.record import Profile, Switch
from poseforge.profiling.subject import Mode, Subject, loader_of
from poseforge.profiling.trials import try_switches

STEP_S = 2.0  # what a step on a CPU may take where the user has not chosen the batch
TRACE = "trace.pt.trace.json"
STEPS = {"cpu": 5, "cuda": 20}


@dataclass(frozen=True)
class Request:
    """What a user asks for.

    Args:
        config: The config's path.
        overrides: Its settings as `key=value`.
        mode: "train" or "infer".
        device: "cpu", "cuda" or "cuda:N"; None is a GPU where there is one.
        checkpoint: Weights; None leaves them as drawn.
        batch_size: Images a step; None is the config's, on a CPU as many as take 2 s.
        steps: How many are measured; None is 5 on a CPU and 20 on a GPU.
        trials: The switches that are tried.
        max_batch: Whether the largest batch is looked for.
    """

    config: str
    overrides: tuple[str, ...] = ()
    mode: Mode = "train"
    device: str | None = None
    checkpoint: Path | None = None
    batch_size: int | None = None
    steps: int | None = None
    trials: tuple[Switch, ...] = ()
    max_batch: bool = False

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; use 1 or more")


class Session:
    """Profiles what is asked for, on one device.

    Args:
        request: What is asked for.
        world: Which process this is.

    Raises:
        ValueError: The device is not there, or something is asked for that several processes
            cannot do.
    """

    def __init__(self, request: Request, world: World) -> None:
        if world.size > 1 and (request.max_batch or request.trials):
            raise ValueError("--max-batch and --try need one process; leave the launcher out")
        self.request, self.world = request, world
        self.device = claim_device(request.device, world)
        self.steps = request.steps or STEPS[self.device.type]
        self.batch_size, self.note = request.batch_size, ""
        config = load_config(request.config, list(request.overrides))
        self._role = loader_of(config, request.mode)
        self._own_batch_size = config.section(self._role).batch_size

    def profile(self, folder: Path) -> Profile:
        """Profile the config's model.

        Args:
            folder: Where the trace goes.

        Raises:
            ValueError: The folder cannot be written to, or a switch is not known.
            DoesNotFitError: A step needs more memory than there is.
        """
        check_writable(folder)
        try:
            found = self._profile(folder)
        except torch.OutOfMemoryError:
            found = None  # what was made so far goes with the error, and leaves its memory
        if found is None:
            raise self._does_not_fit()
        most = largest_batch(self._of_batch, self.device) if self.request.max_batch else None
        return replace(found, max_batch=most)

    def compare(self, other: Request, names: tuple[str, str]) -> Comparison:
        """Compare the config's model with another one, layer by layer.

        Args:
            other: The other one; it runs on the same device.
            names: What the two are called.
        """
        self._choose_batch()
        second = Session(other, self.world)
        second.batch_size = other.batch_size or self.batch_size
        return compare((self._subject(), second._subject()), names, self.steps)

    def _profile(self, folder: Path) -> Profile:
        self._choose_batch()
        subject = self._subject()
        name = f"process{self.world.rank}_{TRACE}" if self.world.rank else TRACE
        found = profile(subject, self.steps, folder / name)
        return replace(
            found,
            loading=measure_loading(subject, self.world) if subject.mode == "train" else None,
            trials=try_switches(subject, self._subject, self.request.trials, self.steps),
            notes=(*found.notes, *([self.note] if self.note else [])),
        )

    def _subject(self, extra: Sequence[str] = ()) -> Subject:
        request, overrides = self.request, list(self.request.overrides)
        if self.batch_size is not None:
            overrides.append(f"{self._role}.batch_size={self.batch_size}")
        config = load_config(request.config, [*overrides, *extra])
        return Subject(config, request.mode, self.device, self.world, request.checkpoint)

    def _of_batch(self, size: int) -> Subject:
        return self._subject([f"{self._role}.batch_size={size}"])

    def _choose_batch(self) -> None:
        """On a CPU, where the user has not chosen it, take a batch whose step is short."""
        if self.batch_size is not None or self.device.type != "cpu":
            return
        small = self._subject(["train_cfg.compile=None", f"{self._role}.batch_size=1"])
        small.step()
        start = time.perf_counter()
        small.step()
        image_s = max(gather(time.perf_counter() - start))
        wanted = self._own_batch_size
        self.batch_size = max(1, min(wanted, int(STEP_S / image_s)))
        if self.batch_size < wanted:
            self.note = (
                f"The batch has {self.batch_size} images in place of the config's {wanted}, whose "
                f"step would take about {wanted * image_s:.0f} s here; --batch-size {wanted} takes "
                "them all."
            )

    def _does_not_fit(self) -> DoesNotFitError:
        torch.cuda.empty_cache()
        size = largest_batch(self._of_batch, self.device)
        if not size:
            return DoesNotFitError(
                f"not even one image's step fits into the memory of {self.device}; use a smaller "
                "model or input, or --amp bf16"
            )
        return DoesNotFitError(
            f"a step of this batch does not fit into the memory of {self.device}; the largest that "
            f"does has {size} images: use --batch-size {size}"
        )
