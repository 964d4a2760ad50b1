"""Arguments that several verbs share."""

import argparse
import os


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what every verb that reads a config takes."""
    parser.add_argument("config", help="a config file, such as configs/quickstart.py")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="override settings, such as train_cfg.max_epochs=5",
    )
    parser.add_argument("--work-dir", help="the run's folder; default work_dirs/<config>")
    parser.add_argument("--device", help="cpu or cuda; default a GPU where there is one")
    parser.add_argument(
        "--launcher",
        choices=("none", "pytorch", "slurm"),
        default="none",
        help="pytorch when started by torchrun, slurm when started by srun",
    )
    parser.add_argument("--local_rank", "--local-rank", type=int, help=argparse.SUPPRESS)


def overrides(options: argparse.Namespace) -> list[str]:
    """Return all overrides of the command line as `key=value`."""
    chosen = list(options.cfg_options)
    for key in ("work_dir", "device", "seed"):
        value = getattr(options, key, None)
        if value is not None:
            chosen.append(f"{key}={value!r}")
    if getattr(options, "compile", None):
        chosen.append(f"train_cfg.compile={options.compile!r}")
    if getattr(options, "amp", None):
        chosen.append(f"optim_wrapper.amp={options.amp!r}")
    if getattr(options, "strategy", None):
        chosen.append(f"train_cfg.strategy={options.strategy!r}")
    if getattr(options, "auto_scale_lr", False):
        chosen.append("auto_scale_lr.enable=True")
    return chosen


def is_first(options: argparse.Namespace) -> bool:
    """Return whether this process is the first of those that torchrun or srun has started."""
    other = os.environ.get("SLURM_PROCID", "0") if options.launcher == "slurm" else "0"
    return int(os.environ.get("RANK", other)) == 0
