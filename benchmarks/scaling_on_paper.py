"""What 8 and 64 GPUs should give, and where more stop helping: computed, not measured.

    python -m benchmarks.scaling_on_paper [--step-ms 5.2 40] [--sample-ms 3.3]

Prints the table of docs/distributed.md. A step on n GPUs of the same batch each is

    step(n) = step(1) + max(reduce(n, last bucket), reduce(n, all gradients) - backward)
    reduce(n, bytes) = 2 (n - 1) / n · bytes / bandwidth + 2 (n - 1) · latency

a ring all-reduce (Patarasuk and Yuan, J. Parallel Distrib. Comput. 69, 2009) that runs beside the
backward pass, two thirds of a step, except for the last bucket, whose gradients come last.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

PEAK_BF16 = 989e12  # FLOP/s of an H100 SXM, dense: NVIDIA's data sheet
FLOPS_PER_MAC = 6  # two forward, four backward
BACKWARD = 2 / 3  # of a step
BUCKET = 25 * 2**20  # bytes: what DistributedDataParallel reduces at a time
ATTAINED = 0.8  # of a link's peak: what large all-reduces get; an assumption
LATENCY_S = 5e-6  # of one hop of the ring; an assumption
COUNTS = (8, 64)


@dataclass(frozen=True)
class Work:
    """One GPU's step.

    Attributes:
        name: The model.
        step_s: Seconds on one GPU.
        batch: Samples.
        parameters: Of the model; their gradients are float32, four bytes each.
    """

    name: str
    step_s: float
    batch: int
    parameters: int


@dataclass(frozen=True)
class Network:
    """What connects the GPUs.

    Attributes:
        name: As the table calls it.
        inside: Bytes a second and direction between GPUs of a machine.
        between: Bytes a second and direction that leave a machine, over all its cards.
        gpus: Of a machine.
    """

    name: str
    inside: float
    between: float
    gpus: int = 8

    def bandwidth(self, count: int) -> float:
        """Return the bytes a second of a ring over `count` GPUs."""
        slowest = self.inside if count <= self.gpus else min(self.inside, self.between)
        return ATTAINED * slowest


def estimated(name: str, macs: float, batch: int, parameters: int, share: float) -> Work:
    """Return a model's work from multiply-adds a sample and the share of the peak it attains."""
    seconds = FLOPS_PER_MAC * macs * batch / (share * PEAK_BF16)
    return Work(name, seconds, batch, parameters)


# The shares are assumptions until a result file of a GPU says better.
WORKS = (
    # Xiao et al., ECCV 2018, https://arxiv.org/abs/1804.06208: 34.0 million. It prints 8.9 bn,
    # but torch counts 5.43 (4.09 in ResNet-50, the rest in the deconvolutions).
    estimated("SimpleBaseline, ResNet-50, 256 × 192", 5.43e9, 32, 34_000_000, 0.3),
    estimated("CPM, six stages, 368 × 368", 175.4e9, 16, 31_219_866, 0.5),  # docs/models/cpm.md
)
NETWORKS = (
    # 900 GB/s in both directions together (H100's data sheet), 8 cards of 400 Gb/s (DGX H100's).
    Network("NVLink, 8 × 400 Gb/s InfiniBand", 450e9, 8 * 50e9),
    Network("NVLink, one 100 Gb/s Ethernet", 450e9, 12.5e9),
)


def reduce_s(size: float, count: int, network: Network) -> float:
    """Return the seconds of an all-reduce of `size` bytes over `count` GPUs."""
    hops = 2 * (count - 1)
    return hops / count * size / network.bandwidth(count) + hops * LATENCY_S


def step_s(work: Work, count: int, network: Network) -> float:
    """Return the seconds of a step on `count` GPUs, each with the work's batch."""
    size = 4 * work.parameters
    last = reduce_s(min(BUCKET, size), count, network)
    hidden = BACKWARD * work.step_s
    return work.step_s + max(last, reduce_s(size, count, network) - hidden)


def efficiency(work: Work, count: int, network: Network) -> float:
    """Return the share of `count` times one GPU's images a second."""
    return work.step_s / step_s(work, count, network)


def smallest_batch(work: Work, count: int, network: Network, floor: float = 0.8) -> int | None:
    """Return the fewest samples a GPU at which the efficiency is at least `floor`.

    None where even 4096 are too few. A step is taken to be as long as it has samples.
    """
    for batch in range(1, 4097):
        smaller = replace(work, batch=batch, step_s=work.step_s * batch / work.batch)
        if efficiency(smaller, count, network) >= floor:
            return batch
    return None


def rows(works: Sequence[Work], networks: Sequence[Network], sample_s: float) -> Iterator[str]:
    """Give the table's lines."""
    yield (
        "| Model | Network | Samples a GPU | Step on one GPU, ms | "
        + "".join(f"{n} GPUs, images/s | Efficiency | " for n in COUNTS)
        + f"Least samples a GPU for 80 % on {COUNTS[-1]} | Loader's cores a GPU |"
    )
    yield "| --- | --- |" + " ---: |" * (4 + 2 * len(COUNTS))
    for work in works:
        cores = work.batch / work.step_s * sample_s
        for network in networks:
            cells = [work.name, network.name, f"{work.batch}", f"{1000 * work.step_s:.1f}"]
            for count in COUNTS:
                rate = count * work.batch / step_s(work, count, network)
                cells += [f"{rate:,.0f}", f"{efficiency(work, count, network):.0%}"]
            least = smallest_batch(work, COUNTS[-1], network)
            cells += [str(least or "none"), f"{cores:.1f}"]
            yield f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description="Compute what many GPUs should give.")
    parser.add_argument(
        "--step-ms",
        nargs=len(WORKS),
        type=float,
        help="measured steps of one GPU in place of the estimates: "
        + "; ".join(f"{work.name}, {work.batch} samples" for work in WORKS),
    )
    parser.add_argument(
        "--sample-ms", type=float, default=3.3, help="of one core to load and augment a sample"
    )
    options = parser.parse_args(arguments)
    steps = options.step_ms or [1000 * work.step_s for work in WORKS]
    works = [replace(work, step_s=ms / 1000) for work, ms in zip(WORKS, steps, strict=True)]
    print(*rows(works, NETWORKS, options.sample_ms / 1000), sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
