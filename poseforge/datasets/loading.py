from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, TypedDict, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler, default_collate

from poseforge.datasets.base import PoseDataset
from poseforge.datasets.workers import PREFETCHED, prepare_worker
from poseforge.structures import Batch
from poseforge.transforms import Pack, PackedSample, Transform

Position: TypeAlias = tuple[int, int]  # epoch, index


class EpochSampler(Sampler[list[Position]]):
    """Batches of (epoch, index), the same for any number of processes, from any point on.

    With `drop_last` the order of an epoch is cut into global batches of `batch_size * world_size`,
    of which each rank takes its slice: all ranks' batches together are the batch of one process
    that is `world_size` times as large. Without it a rank takes every `world_size`-th index, so
    that all ranks together see every index exactly once.

    A full pass ends at the start of the next epoch. Workers draw batches ahead of what has been
    used, so whoever stops in the middle says where to go on with `set_position`.

    Args:
        size: How many samples the data set has.
        batch_size: Samples a batch and rank.
        seed: Epoch e has the order of the generator seeded by (seed, e).
        shuffle: Whether there is such an order, or the data set's own.
        rank: This process's number, from 0.
        world_size: How many processes there are.
        drop_last: Whether the rest that fills no global batch is left out.

    Raises:
        ValueError: The data set is empty or smaller than one global batch, or a number is out of
            its range.
    """

    def __init__(
        self,
        size: int,
        batch_size: int,
        *,
        seed: int = 0,
        shuffle: bool = True,
        rank: int = 0,
        world_size: int = 1,
        drop_last: bool = True,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size={batch_size} is not allowed; give 1 or more")
        if not 0 <= rank < world_size:
            raise ValueError(f"rank={rank} is not one of {world_size} processes, 0 ... n - 1")
        if size < 1:
            raise ValueError("the data set is empty; give it at least one person")
        if drop_last and size < batch_size * world_size:
            raise ValueError(
                f"the data set has {size} people, but one step takes {batch_size} x {world_size} "
                "(batch_size x processes); make batch_size smaller"
            )
        self.size, self.batch_size, self.seed, self.shuffle = size, batch_size, seed, shuffle
        self.rank, self.world_size, self.drop_last = rank, world_size, drop_last
        self._epoch = 0
        self._done = 0

    def set_position(self, epoch: int, batches_done: int = 0) -> None:
        """Let the next pass be that of `epoch`, without its first `batches_done` batches.

        Raises:
            ValueError: The epoch is negative or has fewer batches.
        """
        if epoch < 0 or not 0 <= batches_done <= len(self):
            raise ValueError(
                f"there is no position {batches_done} in epoch {epoch}; epochs count from 0 and "
                f"have {len(self)} batches"
            )
        self._epoch, self._done = epoch, batches_done

    def __len__(self) -> int:
        """Return the batches of a full epoch."""
        if self.drop_last:
            return self.size // (self.batch_size * self.world_size)
        share = len(range(self.rank, self.size, self.world_size))
        return -(-share // self.batch_size)

    def __iter__(self) -> Iterator[list[Position]]:
        epoch, done = self._epoch, self._done
        rows = self._rows(epoch)
        for step in range(done, len(self)):
            if step == len(self) - 1:  # before the last batch, which not every caller goes past
                self._epoch, self._done = epoch + 1, 0
            batch = rows[step * self.batch_size : (step + 1) * self.batch_size]
            yield [(epoch, int(row)) for row in batch]
        if done == len(self):
            self._epoch, self._done = epoch + 1, 0

    def _rows(self, epoch: int) -> NDArray[np.int64]:
        """Return the indices of this rank in an epoch, in order."""
        order = np.arange(self.size)
        if self.shuffle:
            order = np.random.default_rng((self.seed, epoch)).permutation(self.size)
        if not self.drop_last:
            return order[self.rank :: self.world_size]
        steps = order[: len(self) * self.batch_size * self.world_size]
        return steps.reshape(len(self), self.world_size, self.batch_size)[:, self.rank].ravel()


class NumberedSample(TypedDict):
    """A packed sample and its number in the data set."""

    arrays: PackedSample
    index: int


class SampleStream(Dataset[NumberedSample]):
    """Transformed samples by (epoch, index); the draws depend on nothing but these and the seed.

    Args:
        dataset: Where samples come from.
        transforms: What happens to them, in order.
        seed: Of the random numbers, together with epoch and index.
    """

    def __init__(
        self, dataset: PoseDataset, transforms: Sequence[Transform], seed: int = 0
    ) -> None:
        self.dataset = dataset
        self.transforms = list(transforms)
        self.seed = seed
        self._pack = Pack()

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, position: Position) -> NumberedSample:
        """Return the sample of (epoch, index).

        Raises:
            ValueError: The sample cannot be made; the message names it and the cause.
        """
        epoch, index = position
        rng = np.random.default_rng((self.seed, epoch, index))
        try:
            sample = self.dataset[index]
            for transform in self.transforms:
                sample = transform(sample, rng)
            return {"arrays": self._pack(sample), "index": index}
        except Exception as error:  # whatever went wrong, the user needs to know with whom
            name = self.dataset.sample_names[index]
            raise ValueError(f"sample '{name}' of {self.dataset.name}: {error}") from error


def collate(samples: Sequence[NumberedSample]) -> Batch:
    """Stack samples into a batch of tensors; scenes of fewer people get rows of visible 0.

    Raises:
        ValueError: The images differ in size.
    """
    arrays = [sample["arrays"] for sample in samples]
    shapes = {array["image"].shape for array in arrays if "image" in array}
    if len(shapes) > 1:
        sizes = sorted(f"{width} x {height}" for _, height, width in shapes)
        raise ValueError(
            f"the images of a batch differ in size ({', '.join(sizes)}); end the transforms with "
            "Crop, RandomCrop or Stretch"
        )
    rows = cast(list[dict[str, NDArray[Any]]], arrays)
    batch = {
        name: _stacked([row[name] for row in rows], np.nan if name == "ignored" else 0.0)
        for name in rows[0]
    }
    batch["index"] = torch.tensor([sample["index"] for sample in samples], dtype=torch.int64)
    return cast(Batch, batch)


def _stacked(arrays: Sequence[NDArray[Any]], fill: float) -> Tensor:
    """Stack arrays of which some have fewer rows; those of scenes have at least one row."""
    counts = [len(array) for array in arrays]
    most = max(*counts, 1)
    if min(counts) == most:
        # In a worker torch stacks where the main process will read; numpy would need a copy more.
        return cast(Tensor, default_collate([torch.from_numpy(array) for array in arrays]))
    stacked = np.full((len(arrays), most, *arrays[0].shape[1:]), fill, dtype=np.float32)
    for rows, array in zip(stacked, arrays, strict=True):
        rows[: len(array)] = array
    return torch.from_numpy(stacked)


def build_loader(  # noqa: PLR0913 - all of a run's choices about its batches
    dataset: PoseDataset,
    transforms: Sequence[Transform],
    *,
    batch_size: int,
    num_workers: int = 0,
    seed: int = 0,
    train: bool,
    rank: int = 0,
    world_size: int = 1,
    pin_memory: bool = False,
) -> DataLoader[NumberedSample]:
    """Return a loader of `Batch`es whose content does not depend on the number of workers.

    Its `batch_sampler` is the `EpochSampler`, which a resumed run sets to where it stopped.

    Args:
        dataset: Where samples come from.
        transforms: What happens to them, in order.
        batch_size: Samples a batch and process.
        num_workers: Processes that make batches; 0 makes them in this one.
        seed: Of the order and of the transforms.
        train: Whether samples are shuffled and the last, smaller batch is left out.
        rank: This process's number, from 0.
        world_size: How many processes train or test together.
        pin_memory: Whether batches lie in memory that a GPU copies from faster.

    Raises:
        ValueError: The data set is empty, or smaller than the batch of all processes (training).
    """
    if not len(dataset):
        raise ValueError(f"the data set '{dataset.name}' is empty; give it at least one person")
    sampler = EpochSampler(
        len(dataset),
        batch_size,
        seed=seed,
        shuffle=train,
        rank=rank,
        world_size=world_size,
        drop_last=train,
    )
    return DataLoader(
        SampleStream(dataset, transforms, seed),
        batch_sampler=sampler,
        num_workers=num_workers,
        collate_fn=collate,
        pin_memory=pin_memory,
        worker_init_fn=prepare_worker,
        persistent_workers=num_workers > 0,
        prefetch_factor=PREFETCHED if num_workers else None,
        # A generator of its own: the loader must not draw from the one that the model draws from.
        generator=torch.Generator().manual_seed(seed),
    )
