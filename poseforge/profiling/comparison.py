"""Two models, or one with two settings, layer by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poseforge.profiling.measuring import Measured, alternate
from poseforge.profiling.record import Layer, Spread
from poseforge.profiling.subject import Subject
from poseforge.profiling.tree import build_tree


@dataclass(frozen=True)
class ComparedLayer:
    """A layer that one of two models has, or both.

    Attributes:
        name: Its qualified name.
        kind: Its class.
        first_s: Own seconds a step in the first model; None where it has no such layer.
        second_s: The same of the second.
    """

    name: str
    kind: str
    first_s: Spread | None
    second_s: Spread | None

    @property
    def saved_s(self) -> float:
        """Seconds a step that the second needs less."""
        before, after = (0.0 if s is None else s.median for s in (self.first_s, self.second_s))
        return before - after


@dataclass(frozen=True)
class Comparison:
    """Two models whose steps alternated.

    Attributes:
        names: What each is called.
        step_s: A step of each, without hooks.
        images_per_s: The same as speed.
        ratio: Speed of the second ÷ speed of the first, round by round.
        layers: Those of both, where most is saved or lost first.
    """

    names: tuple[str, str]
    step_s: tuple[Spread, Spread]
    images_per_s: tuple[Spread, Spread]
    ratio: Spread
    layers: tuple[ComparedLayer, ...]


def compare(subjects: tuple[Subject, Subject], names: tuple[str, str], steps: int) -> Comparison:
    """Run two models in turn and compare their layers by name.

    Args:
        subjects: The two.
        names: What they are called.
        steps: Steps of each, with hooks and without.

    Raises:
        ValueError: `steps` is below 1.
    """
    if steps < 1:
        raise ValueError(f"steps={steps}; compare 1 step or more")
    first, second = alternate(subjects, steps)
    rates = [
        [subject.batch_size / seconds for seconds in measured.plain_s]
        for subject, measured in zip(subjects, (first, second), strict=True)
    ]
    ratios = [after / before for before, after in zip(*rates, strict=True)]
    layers = [_layers(*pair) for pair in zip(subjects, (first, second), strict=True)]
    return Comparison(
        names,
        (Spread.of(first.plain_s), Spread.of(second.plain_s)),
        (Spread.of(rates[0]), Spread.of(rates[1])),
        Spread.of(ratios),
        tuple(sorted(_joined(*layers), key=lambda layer: -abs(layer.saved_s))),
    )


def _layers(subject: Subject, measured: Measured) -> dict[str, Layer]:
    trains = subject.mode == "train"
    tree = build_tree(measured.spans, subject.estimator, {}, trains=trains)
    return {layer.name: layer for layer in tree}


def _joined(first: Mapping[str, Layer], second: Mapping[str, Layer]) -> Sequence[ComparedLayer]:
    rows = []
    for name in dict.fromkeys([*first, *second]):
        one, other = first.get(name), second.get(name)
        either = one or other
        assert either is not None  # noqa: S101 - the name is from one of them
        rows.append(
            ComparedLayer(
                name, either.kind, one.own_s if one else None, other.own_s if other else None
            )
        )
    return rows
