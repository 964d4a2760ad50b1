"""What an evaluation found, in lines of words below its tables."""

import numpy as np

from poseforge.evaluation.comparison import Comparison
from poseforge.reports.evaluation import Evaluation


def comparison_lines(evaluation: Evaluation) -> list[str]:
    """Return a line for each number that two models are compared by; none for one model."""
    if not evaluation.comparisons:
        return []
    a, b = (model.label for model in evaluation.models)
    return [f"A is {a}, B is {b}", *(_compared(item) for item in evaluation.comparisons)]


def _compared(found: Comparison) -> str:
    low, high = found.interval
    return (
        f"{found.name}: A {found.a:.2f}, B {found.b:.2f}, difference {found.difference:+.2f} "
        f"(95 %: {low:+.2f} to {high:+.2f}): {found.verdict}; the smallest difference that this "
        f"test set could show is {found.detectable:.2f}"
    )


def error_lines(evaluation: Evaluation) -> list[str]:
    """Return a line a model: how often each kind of error is made, and what mending it gains."""
    lines = []
    for model in evaluation.models:
        if model.diagnosis is None:
            continue
        findings = model.diagnosis.findings
        kinds = ", ".join(
            f"{name} {kind.share:.1f} %" + ("" if name == "good" else f" ({kind.gain:+.1f})")
            for name, kind in findings.kinds.items()
        )
        lines.append(
            f"{model.label}: {kinds}; good is {findings.good}, in brackets what {findings.metric} "
            f"would gain if the kind were mended; it is {findings.either_side:.2f} where each pair "
            "of joints may be the other way round"
        )
    if lines and np.bincount(evaluation.truth.people.image_rows).max() == 1:
        lines.append("no image has two labelled people, so a swap cannot be told from a miss")
    return lines
