"""A published model's card: what it is, how it was trained, what it can do and what not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from poseforge.datasets.terms import terms_of
from poseforge.evaluation.report import MISSING
from poseforge.models.checkpoints import CheckpointError
from poseforge.reports.table import as_row, benchmark_tables

Meta = Mapping[str, Any]


def model_card(state: Mapping[str, Any], size: int, path: str) -> str:
    """Return the card as Markdown; the same file gives the same card.

    Args:
        state: What `poseforge publish` has written.
        size: The file's bytes.
        path: What the file is called, for the commands.

    Raises:
        CheckpointError: The checkpoint was not made by `poseforge publish`.
    """
    meta = state["meta"]
    if "report" not in meta:
        raise CheckpointError(
            f"'{path}' has no card: it is not published; make a file with poseforge publish"
        )
    sections = {
        f"# {meta['name']}": _summary(state, size, path),
        "## Accuracy": _accuracy(meta["report"]),
        "## Training": _training(meta),
        "## Limits": _limits(state),
        "## Licence": _licence(meta),
    }
    return "\n\n".join(f"{title}\n{text}" for title, text in sections.items()) + "\n"


def _summary(state: Mapping[str, Any], size: int, path: str) -> str:
    meta, model, codec = state["meta"], state["config"]["model"], state["codec"]
    width, height = codec["input_size"]
    parts = [model[part]["type"] for part in ("backbone", "neck", "head") if model.get(part)]
    facts = {
        "model": f"`{model['type']}` of {', '.join(f'`{part}`' for part in parts)}",
        "input": f"{width} × {height} pixels, RGB",
        "codec": f"`{codec['type']}`",
        "keypoints": f"{state['skeleton']['name']}: {', '.join(state['skeleton']['keypoints'])}",
        "parameters": f"{meta['parameters']:,}",
        "file": f"{size / 1e6:.2f} MB, kernels in half precision; read with `weights_only=True`",
    }
    return (
        "Written by `poseforge card` from the file itself; do not edit.\n\n"
        f"{_table(('', ''), facts.items())}\n"
        f"```\nposeforge predict photo.jpg --checkpoint {path}\n```"
    )


def _accuracy(report: Meta) -> str:
    rows = [as_row(row, report["protocol"]) for row in report["rows"]]
    text = [
        "What `tools/test.py` measures with this file, in crops by the box that is named here.\n",
        benchmark_tables(rows),
    ]
    first = report["rows"][0]
    joints = [(name, _decimal(value)) for name, value in first.get("joints", {}).items()]
    if joints:
        headline = next(iter(first["values"]))
        text.append(f"{first['label']}, {headline} of each joint:\n\n{_table(('', ''), joints)}")
    return "\n".join(text).rstrip()


def _training(meta: Meta) -> str:
    training = meta["training"]
    machine, packages = training["machine"], training["packages"]
    hours = training["seconds"] / 3600
    device = machine["gpu"] or f"{machine['cpu']} ({machine['threads']} of its cores)"
    facts = {
        **{
            f"data, {role}": f"{data['name']}, {data['people']} people; {data['protocol']}"
            for role, data in training["data"].items()
        },
        "command": f"`{training['command']}`",
        "length": f"{training['iterations']} iterations, {hours:.1f} h on {device} without "
        f"validations; these are the weights after iteration {meta['iteration']}",
        "seed": str(training["seed"]),
        "commit": training["commit"] or MISSING,
        "versions": ", ".join(f"{name} {version}" for name, version in packages.items()),
        "half precision": meta["rounding"],
    }
    return _table(("", ""), facts.items()).rstrip()


def _limits(state: Mapping[str, Any]) -> str:
    meta = state["meta"]
    lines = [
        "It looks at one person at a time, in a box that it is given, or in the whole image; it "
        "does not find people. The table's boxes are made from labels, which a user does not have.",
        "Scores tell surer from less sure joints; they are no probabilities.",
    ]
    if state["config"]["model"]["type"] == "BottomUp":
        lines = ["It looks at whole images. Scores are no probabilities."]
    for label, errors in list(meta["report"]["errors"].items())[:1]:
        kinds = ", ".join(
            f"{name} {kind['share']:.1f} % of joints ({kind['gain']:+.1f})"
            for name, kind in errors["kinds"].items()
            if name != "good"
        )
        lines.append(
            f"Its errors ({label}; in brackets what {errors['metric']} would gain without them): "
            f"{kinds}."
        )
    return _list([*lines, *meta["notes"]])


def _licence(meta: Meta) -> str:
    data = meta["training"]["data"]
    lines = [
        "The file is part of PoseForge and under its licence, Apache-2.0, as far as its authors "
        "can give one; whether a use beyond research is allowed depends on the training data too.",
        *terms_of(data["train"]["name"]),
    ]
    return _list(lines)


def _decimal(value: float | None) -> str:
    return MISSING if value is None else f"{value:.1f}"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(titles: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [titles, ["---"] * len(titles), *lines]
    return "".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows
    )
