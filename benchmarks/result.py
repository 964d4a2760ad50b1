"""Published results: `results/<name>--<machine>.json`, one file each, of four kinds.

What every result file holds is in `poseforge/profiling/result_file.py`; here is what a published
one holds besides, by its kind: "accuracy", "agreement", "ceiling" or "speed".
"""

from pathlib import Path
from typing import Any

from poseforge.profiling import result_file
from poseforge.profiling.result_file import Kinds, check_fields, file_name, read_result

RESULTS = Path(__file__).parent / "results"


class Result(result_file.Result, total=False):
    """A published result; `rows` and `training` belong to the kind "accuracy", required there.

    `rows` are those of the tools' report.json (label, metric, people, values, intervals, columns,
    notes), each with its `protocol`. `training` is what the run's manifest knows.
    """

    rows: list[dict[str, Any]]
    training: dict[str, Any]
    errors: dict[str, Any]


OF_ACCURACY: dict[str, Kinds] = {"rows": list, "training": dict}
OF_ROW: dict[str, Kinds] = {
    "label": str,
    "metric": str,
    "people": int,
    "values": dict,
    "intervals": dict,
    "protocol": str,
}
OF_AGREEMENT: dict[str, Kinds] = {
    "predictions": str,
    "number": str,
    "published": (int, float),
    "source": str,
    "measured": (int, float),
    "low": (int, float),
    "high": (int, float),
    "equal": bool,
    "metric": str,
}
OF_TRAINING = ("commit", "seed", "data", "iterations", "planned_iterations")


def write_result(result: Result, folder: Path = RESULTS) -> Path:
    """Check a result and write its file.

    Raises:
        ValueError: The result is not complete; nothing is written.
    """
    path = folder / file_name(result["name"], result["machine"])
    _check_published(result, path.name)
    result_file.write_result(result, path)
    return path


def check_result(path: Path) -> Result:
    """Read a published result.

    Raises:
        ValueError: It is not JSON, not complete, or not named after what it holds.
    """
    result: Result = read_result(path)
    _check_published(result, path.name)
    return result


def _check_published(result: Result, name: str) -> None:
    if result["kind"] not in OF_KIND:
        raise ValueError(
            f"{name}: kind '{result['kind']}' is not known; use one of {', '.join(OF_KIND)}"
        )
    OF_KIND[result["kind"]](result, name)
    expected = file_name(result["name"], result["machine"])
    if expected != name:
        raise ValueError(f"{name}: from what it holds, its name is {expected}")


def _check_measured(result: Result, name: str) -> None:
    if not result["measurements"]:
        raise ValueError(f"{name}: a result of kind {result['kind']} has at least one measurement")


def _check_accuracy(result: Result, name: str) -> None:
    check_fields(result, OF_ACCURACY, name)
    if not result["rows"]:
        raise ValueError(f"{name}: a result of kind accuracy has at least one row")
    for row in result["rows"]:
        check_fields(row, OF_ROW, name)
        bare = [key for key in row["values"] if key not in row["intervals"]]
        if not row["values"] or bare:
            raise ValueError(f"{name}: '{row['label']}' has values without intervals: {bare}")
    for field in OF_TRAINING:
        if field not in result["training"]:
            raise ValueError(f"{name}: 'training' does not tell the {field}")


def _check_agreement(result: Result, name: str) -> None:
    check_fields(result, {"rows": list}, name)
    for row in result["rows"]:
        check_fields(row, OF_AGREEMENT, name)
        if row["equal"] != (round(row["measured"], 2) == round(row["published"], 2)):
            raise ValueError(f"{name}: '{row['number']}' of {row['predictions']} is called wrongly")


OF_KIND = {
    "accuracy": _check_accuracy,
    "agreement": _check_agreement,
    "ceiling": _check_measured,
    "speed": _check_measured,
}
