"""Running rules."""

from collections import Counter
from collections.abc import Callable, Sequence

from poseforge.datasets.lint.finding import Fault, Finding
from poseforge.datasets.lint.material import Material, with_pictures
from poseforge.datasets.lint.pictures import read_pictures
from poseforge.datasets.lint.rules import Rule

Progress = Callable[[str, int, int], None]


def lint(
    materials: Sequence[Material], rules: Sequence[Rule], progress: Progress
) -> tuple[list[Material], list[Finding]]:
    """Look at data sets with rules; images are read if a rule needs them.

    Args:
        materials: The data sets.
        rules: The rules.
        progress: Called with what is being done, how much of it is done, and of how much.

    Returns:
        The data sets with what reading the images gave, and findings by rule, data set and row.
    """
    reads = any(rule.reads_images for rule in rules)
    looked_at = _read_all(materials, progress) if reads else list(materials)
    findings = []
    for number, rule in enumerate(rules):
        progress(f"{rule.code} {rule.title}", number, len(rules))
        findings += [
            _finding(rule, looked_at[place], fault) for place, fault in rule.check(looked_at)
        ]
    progress("all rules", len(rules), len(rules))
    return looked_at, findings


def count(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings each rule has, by code."""
    return dict(sorted(Counter(finding.code for finding in findings).items()))


def _read_all(materials: Sequence[Material], progress: Progress) -> list[Material]:
    """Read each image once, in however many of the materials it is."""
    total = sum(len(material.image_paths) for material in materials)
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        progress("reading images", done, total)

    progress("reading images", 0, total)
    return [
        with_pictures(material, read_pictures(material.image_paths.tolist(), tick))
        for material in materials
    ]


def _finding(rule: Rule, material: Material, fault: Fault) -> Finding:
    image = fault.image
    if image is None and fault.person is not None and material.image_of[fault.person] >= 0:
        image = int(material.image_of[fault.person])
    return Finding(
        code=rule.code,
        severity=rule.severity,
        dataset=material.name,
        image=None if image is None else str(material.image_names[image]),
        person=None if fault.person is None else str(material.ids[fault.person]),
        joint=fault.joint,
        message=fault.message,
        numbers=fault.numbers,
        fault=fault,
    )
