"""Try the switches that advice names, one by one."""

from collections.abc import Callable, Sequence

from poseforge.engine.config import RunConfig
from poseforge.profiling.measuring import alternate
from poseforge.profiling.record import Spread, Switch, Trial
from poseforge.profiling.subject import Subject

Make = Callable[[Sequence[str]], Subject]


def override_of(switch: Switch, config: RunConfig, role: str) -> str | None:
    """Return the override that switches something on; None where the config has it already.

    Args:
        switch: Which.
        config: The config.
        role: The loader whose batch size counts.
    """
    train = config.train
    if switch == "channels-last":
        return None if train.channels_last else "train_cfg.channels_last=True"
    if switch == "bf16":
        return None if config.optim.amp else "optim_wrapper.amp='bf16'"
    if switch == "compile":
        return None if train.compile else "train_cfg.compile='default'"
    return f"{role}.batch_size={2 * config.section(role).batch_size}"


def try_switches(
    base: Subject, make: Make, switches: Sequence[Switch], steps: int
) -> tuple[Trial, ...]:
    """Measure each switch in turn with the model as it is.

    Args:
        base: The model as it is.
        make: Makes it with overrides.
        switches: Which; those that are on are left out.
        steps: Timings of each.
    """
    trials = []
    for switch in switches:
        override = override_of(switch, base.config, base.role)
        if override is not None:
            trials.append(_try(switch, base, make, override, steps))
    return tuple(trials)


def _try(switch: Switch, base: Subject, make: Make, override: str, steps: int) -> Trial:
    try:
        other = make([override])
        plain, switched = alternate([base, other], steps)
    except (RuntimeError, ValueError) as error:  # what this device cannot do, or hold
        return Trial(switch, None, None, str(error).strip().splitlines()[0])
    rates = [other.batch_size / seconds for seconds in switched.plain_s]
    before = [base.batch_size / seconds for seconds in plain.plain_s]
    ratios = [rate / old for rate, old in zip(rates, before, strict=True)]
    return Trial(switch, Spread.of(rates), Spread.of(ratios))
