"""What a rule finds."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the gravest first


@dataclass(frozen=True)
class Fault:
    """One thing that one rule objects to.

    Attributes:
        message: What is wrong, with its numbers.
        person: Row of the person; None where it is about an image or the whole file.
        image: Row of the image; None takes the person's.
        joint: Which keypoint, keypoints or limb.
        numbers: What was measured.
        degree: How bad it is, to rank the faults of one rule.
    """

    message: str
    person: int | None = None
    image: int | None = None
    joint: str | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    degree: float = 0.0


@dataclass(frozen=True)
class Finding:
    """A fault with its rule's code and the names of what it is about.

    Attributes:
        code: The rule.
        severity: The rule's.
        dataset: Name of the file or data set.
        image: Name of the image; None where it is about the whole file.
        person: The person's id.
        joint: Which keypoint, keypoints or limb.
        message: What is wrong.
        numbers: What was measured.
        fault: The fault, with its rows.
    """

    code: str
    severity: Severity
    dataset: str
    image: str | None
    person: str | None
    joint: str | None
    message: str
    numbers: dict[str, float]
    fault: Fault
