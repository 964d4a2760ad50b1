"""Optimizers and learning rates as config fragments."""

from typing import Any

Fragment = dict[str, Any]


def adamw_cosine(
    lr: float, *, weight_decay: float = 0.05, warmup_iters: int = 200, clip_norm: float = 1.0
) -> tuple[Fragment, Fragment]:
    """Return (`optim_wrapper`, `param_scheduler`): AdamW, warm-up, then a cosine to 1 %.

    Vectors (biases and normalisation) are not decayed.
    """
    optim = {
        "optimizer": {"type": "AdamW", "lr": lr, "weight_decay": weight_decay},
        "paramwise": [{"max_dims": 1, "decay_mult": 0.0}],
        "clip_norm": clip_norm,
    }
    return optim, {"type": "cosine", "warmup_iters": warmup_iters, "min_factor": 0.01}


def adam_constant(lr: float) -> tuple[Fragment, Fragment]:
    """Return (`optim_wrapper`, `param_scheduler`): Adam at one rate, as the seed article trains."""
    return {"optimizer": {"type": "Adam", "lr": lr}}, {"type": "constant"}


def cpm_release(lr: float = 8e-5) -> tuple[Fragment, Fragment]:
    """Return (`optim_wrapper`, `param_scheduler`) of the CPM release.

    SGD with momentum 0.9 and weight decay 5e-4; a third of the rate after every 136 106 iterations;
    stage 1 learns at 5 (weights) and 10 (biases) times the base rate, the rest at 1 and 2 times;
    biases are not decayed (Wei et al., CVPR 2016: the released solver and prototxt).
    """
    first = r"(backbone|head)\.first\."
    optim = {
        "optimizer": {"type": "SGD", "lr": lr, "momentum": 0.9, "weight_decay": 5e-4},
        "paramwise": [
            {"match": first + r".*bias$", "lr_mult": 10.0, "decay_mult": 0.0},
            {"match": first, "lr_mult": 5.0},
            {"match": r"bias$", "lr_mult": 2.0, "decay_mult": 0.0},
        ],
    }
    return optim, {"type": "step", "every_iters": 136106, "gamma": 1 / 3}
