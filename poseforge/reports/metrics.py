"""Metrics from what a user types: `PCK`, or `"PCK(reference='box', thresholds=(0.5,))"`."""

import ast
from typing import Any

from poseforge.evaluation.base import Metric
from poseforge.registry import METRICS, build

DEFAULTS: dict[str, tuple[dict[str, Any], ...]] = {
    "lsp14": (dict(type="PCK"), dict(type="PCP"), dict(type="PCP", rule="loose")),
    "mpii16": (dict(type="PCKh"),),
    "coco17": (dict(type="OKSAP"),),
    "flic11": (dict(type="PDJ"),),
    "flic10": (dict(type="PDJ"),),
    "flic9": (dict(type="PDJ"),),
}


def default_metrics(skeleton: str) -> list[Metric]:
    """Return the metrics that a public skeleton's data sets are scored by; PCK for any other."""
    return [build(config, METRICS) for config in DEFAULTS.get(skeleton, (dict(type="PCK"),))]


def parse_metric(text: str) -> Metric:
    """Return a metric from its name, with arguments in brackets or without.

    Raises:
        ValueError: The text is neither a name nor a call with plain values, or an argument is not
            one of the metric's.
        UnknownNameError: No such metric is registered.
    """
    wrong = ValueError(
        f"--metric {text!r} is not understood; give a name such as PCK, or a name with arguments "
        "such as \"PCK(reference='box', thresholds=(0.5, 0.1))\""
    )
    try:
        node = ast.parse(text.strip(), mode="eval").body
        call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
        arguments = {item.arg or "": ast.literal_eval(item.value) for item in call.keywords}
        name = ast.unparse(call.func)
    except (SyntaxError, ValueError) as error:
        raise wrong from error
    if call.args or "" in arguments:
        raise wrong
    metric: Metric = build({"type": name, **arguments}, METRICS)
    return metric
