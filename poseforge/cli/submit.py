"""`poseforge submit CONFIG`: a training as a job of Slurm, by submitit."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from poseforge.cli import train

HELP = "Hand a training to Slurm; it queues again and goes on when its time is over."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument("--nodes", type=int, default=1, help="machines")
    parser.add_argument("--gpus-per-node", type=int, default=1, help="processes of a machine")
    parser.add_argument("--cpus-per-gpu", type=int, default=8, help="for loading the data")
    parser.add_argument("--hours", type=float, default=24, help="a job's time")
    parser.add_argument("--partition", help="Slurm's partition")
    parser.add_argument("--logs", type=Path, default=Path("work_dirs/jobs"), help="their folder")
    parser.add_argument(
        "--cluster", choices=("slurm", "local"), default="slurm", help="local tries it out here"
    )
    parser.add_argument(
        "training", nargs=argparse.REMAINDER, help="a config and the arguments of tools/train.py"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Check what can be checked now, and submit."""
    try:
        import submitit
    except ImportError as error:
        raise ImportError(
            "submitting needs submitit: pip install 'poseforge[slurm]', or use "
            "sbatch tools/slurm_train.sh"
        ) from error
    from poseforge.cli.arguments import overrides
    from poseforge.engine.config import load_config

    parser = argparse.ArgumentParser(prog="poseforge submit ... ")
    train.add_arguments(parser)
    training = parser.parse_args(options.training)
    load_config(training.config, overrides(training))  # a mistake is found now, not in the queue
    executor = submitit.AutoExecutor(folder=options.logs, cluster=options.cluster)
    executor.update_parameters(
        name="poseforge",
        nodes=options.nodes,
        tasks_per_node=1,
        gpus_per_node=options.gpus_per_node if options.cluster == "slurm" else 0,
        cpus_per_task=options.cpus_per_gpu * options.gpus_per_node,
        timeout_min=int(60 * options.hours),
        **({"slurm_partition": options.partition} if options.partition else {}),
    )
    job = executor.submit(Training(options.training, options.gpus_per_node))
    console.print(f"job {job.job_id}: its log is {job.paths.stdout}", soft_wrap=True)
    if options.cluster == "local":
        job.result()  # this process is what it runs under
    return 0


class Training:
    """What a job runs on each of its machines: torchrun.

    Args:
        arguments: Of `poseforge train`.
        processes: Of a machine.
        starts: How often the job has been started before.
    """

    def __init__(self, arguments: list[str], processes: int, starts: int = 0) -> None:
        self.arguments = arguments
        self.processes = processes
        self.starts = starts
        self.process: subprocess.Popen[bytes] | None = None

    def __call__(self) -> None:
        """Train.

        Raises:
            RuntimeError: The training has failed.
        """
        import submitit

        job = submitit.JobEnvironment()
        port = 20000 + int(job.raw_job_id) % 10000
        command = [
            *(sys.executable, "-m", "torch.distributed.run", "--max-restarts", "3"),
            *("--nnodes", str(job.num_nodes), "--nproc-per-node", str(self.processes)),
            *("--rdzv-backend", "c10d", "--rdzv-id", job.job_id),
            *("--rdzv-endpoint", f"{job.hostnames[0]}:{port}"),
            *("-m", "poseforge.cli.main", "train", *self.arguments, "--launcher", "pytorch"),
        ]
        count = {"SLURM_RESTART_COUNT": str(self.starts)}  # above 0 it goes on with what is saved
        self.process = subprocess.Popen(command, env={**os.environ, **count})
        status = self.process.wait()
        if status:
            raise RuntimeError(f"the training ended with status {status}")

    def checkpoint(self) -> Any:
        """Save, and return what the job runs when it is started again; submitit calls this."""
        from submitit.helpers import DelayedSubmission

        if self.process is not None:
            self.process.terminate()  # torchrun hands it on, and every process saves
            self.process.wait()
        return DelayedSubmission(Training(self.arguments, self.processes, self.starts + 1))
