"""The table of the trainings on LSP and LSPET, beside what others have published.

A model without a result file stands in it as "not trained yet"; no number is made up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from benchmarks.lsp_models import MODELS, LspModel
from benchmarks.model_flops import model_size
from benchmarks.result import Result
from poseforge.engine.config import load_config
from poseforge.evaluation.report import MISSING

NOT_YET = "not trained yet"
STEP = "training step, model alone"
PAPER = "Wei et al., CVPR 2016"
CPM = "CPM on LSP, person-centric"  # in the result of published predictions
WITH_MPII = "90.50"  # the paper's table of LSP; its predictions are not among those we score
TITLES = (
    "Model", "Input", "Parameters", "GMACs", "Images/s", "PCK@0.2 (95 % interval)", "PCK@0.1",
    "AUC", "Left = right", "Training", "Command or source",
)  # fmt: skip
SHORT = ("Model", "Parameters", "GMACs", "PCK@0.2 (95 % interval)", "Left = right", "Training")
Line = dict[str, str]


@dataclass(frozen=True)
class Score:
    """What a line says of how good a model is; each as it is printed."""

    headline: str = MISSING
    strict: str = MISSING
    area: str = MISSING
    either_side: str = MISSING


def training_lines(results: Sequence[Result], *, short: bool) -> list[Line]:
    """Return the lines by title: each model of people, trained or not, then published numbers.

    Args:
        results: All result files.
        short: A line a training, with the flip test, in place of two.
    """
    models = [model for model in MODELS.values() if model.sees_crops]
    lines = [line for model in models for line in _of_model(model, results, short)]
    return [*lines, *_published(results)]


@cache
def _size(model: LspModel) -> Line:
    config = load_config(model.config)
    size = model_size(config)
    width, height = config.values["codec"]["input_size"]
    return {
        "Input": f"{width} × {height}",
        "Parameters": f"{size.parameters / 1e6:.1f} M",
        "GMACs": f"{size.macs / 1e9:.2f}" if size.macs < 1e9 else f"{size.macs / 1e9:.1f}",
        "Command or source": f"`python -m benchmarks.lsp_training {model.id}`",
    }


def _of_model(model: LspModel, results: Sequence[Result], short: bool) -> Iterator[Line]:
    known = {**_size(model), "Images/s": _images_per_s(model, results)}
    trained = [result for result in results if result["name"] == model.result]
    if not trained:
        yield _line(model.title, Score(headline=NOT_YET), {**known, "Training": MISSING})
    for result in trained:
        rows = [row for row in result["rows"] if not row["label"].startswith("mean pose")]
        for row in rows[-1:] if short else rows:
            _, *how = row["label"].split(" + ")
            values, interval = row["values"], row["intervals"]["PCK@0.2"]
            score = Score(
                _with_interval(values["PCK@0.2"], interval),
                f"{values['PCK@0.1']:.2f}",
                f"{values['AUC']:.2f}",
                _either_side(result, row["label"]),
            )
            title = " + ".join([model.title, *how])
            yield _line(title, score, {**known, "Training": _training(result)})


def _either_side(result: Result, label: str) -> str:
    value = result.get("errors", {}).get(label, {}).get("either_side")
    return MISSING if value is None else f"{value:.2f}"


def _training(result: Result) -> str:
    """Return how long it was trained, where, and how far of what was planned."""
    training, machine = result["training"], result["machine"]
    (seconds,) = (m["median"] for m in result["measurements"] if m["unit"] == "s")
    done, planned = training["iterations"], training["planned_iterations"]
    length = f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
    share = "" if done >= planned else f", {done} of {planned} iterations"
    return f"{length}, {machine['gpu'] or machine['cpu']}{share}"


def _images_per_s(model: LspModel, results: Sequence[Result]) -> str:
    name = f"{model.config.stem}: {STEP}"
    found = [
        f"{item['median']:.0f} ({result['machine']['gpu'] or result['machine']['cpu']})"
        for result in results
        if result["kind"] == "speed" and result["name"] == "throughput_lsp_bf16"
        for item in result["measurements"]
        if item["name"] == name
    ]
    return "; ".join(found) or "not measured yet"


def _published(results: Sequence[Result]) -> Iterator[Line]:
    """Yield what the authors of CPM have published, and what we measure on their predictions."""
    known = dict.fromkeys(TITLES, MISSING) | {"Input": "368 × 368", "Command or source": PAPER}
    for result in [result for result in results if result["kind"] == "agreement"][:1]:
        rows = {row["number"]: row for row in result["rows"] if row["predictions"] == CPM}
        headline = rows["PCK@0.2"]
        score = Score(
            _with_interval(headline["published"], (headline["low"], headline["high"])),
            *(f"{rows[name]['published']:.2f}" for name in ("PCK@0.1", "AUC")),
            _either_side(result, CPM),
        )
        yield _line("CPM, published: LSP and LSPET", score, known)
    yield _line("CPM, published: with MPII", Score(headline=WITH_MPII), known)


def _with_interval(value: float, interval: Sequence[float]) -> str:
    low, high = interval
    return f"{value:.2f} ({low:.2f}–{high:.2f})"


def _line(title: str, score: Score, known: Line) -> Line:
    return {
        **known,
        "Model": title,
        "PCK@0.2 (95 % interval)": score.headline,
        "PCK@0.1": score.strict,
        "AUC": score.area,
        "Left = right": score.either_side,
    }
