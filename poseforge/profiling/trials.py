"""Try the switches that advice names, one by one."""

from collections.abc import Callable, Sequence

from poseforge.engine.config import RunConfig
from poseforge.profiling.measuring import alternate
from poseforge.profiling.record import Spread, Trial
from poseforge.profiling.subject import Subject

Make = Callable[[Sequence[str]], Subject]


def switches(config: RunConfig, role: str) -> dict[str, list[str]]:
    """Return what can be tried of a config, by name, with the overrides that switch it on.

    Args:
        config: The config, whose own settings are left out.
        role: The loader whose batch size counts.
    """
    size = config.section(role).batch_size
    offered = {
        "channels-last": (not config.train.channels_last, "train_cfg.channels_last=True"),
        "bf16": (config.optim.amp is None, "optim_wrapper.amp='bf16'"),
        "compile": (config.train.compile is None, "train_cfg.compile='default'"),
        "larger-batch": (True, f"{role}.batch_size={2 * size}"),
    }
    return {name: [override] for name, (is_new, override) in offered.items() if is_new}


def try_switches(base: Subject, make: Make, steps: int) -> tuple[Trial, ...]:
    """Measure each switch in turn with the model as it is.

    Args:
        base: The model as it is.
        make: Makes it with overrides.
        steps: Timings of each.
    """
    trials = []
    for name, overrides in switches(base.config, base.role).items():
        try:
            other = make(overrides)
            plain, switched = alternate([base, other], steps)
        except (RuntimeError, ValueError) as error:  # what this device cannot do, or hold
            sentence = str(error).strip().splitlines()[0]
            trials.append(Trial(name, None, None, sentence))
            continue
        rates = [other.batch_size / seconds for seconds in switched.plain_s]
        before = [base.batch_size / seconds for seconds in plain.plain_s]
        ratios = [rate / old for rate, old in zip(rates, before, strict=True)]
        trials.append(Trial(name, Spread.of(rates), Spread.of(ratios)))
    return tuple(trials)
