"""Findings as text."""

import json
from collections.abc import Iterator, Sequence

from poseforge.datasets.lint.finding import SEVERITIES, Finding
from poseforge.datasets.lint.linting import count
from poseforge.datasets.lint.material import Material
from poseforge.datasets.lint.rules import RULES


def to_json(materials: Sequence[Material], findings: Sequence[Finding]) -> str:
    """Return what was looked at and all findings; equal input gives equal text."""
    data = {
        "datasets": [
            {
                "name": material.name,
                "role": material.role,
                "images": len(material.image_names),
                "people": len(material),
            }
            for material in materials
        ],
        "counts": count(findings),
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "dataset": finding.dataset,
                "image": finding.image,
                "person": finding.person,
                "joint": finding.joint,
                "message": finding.message,
                "numbers": {key: round(value, 4) for key, value in finding.numbers.items()},
            }
            for finding in findings
        ],
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_lines(findings: Sequence[Finding], max_per_rule: int) -> Iterator[str]:
    """Yield a heading a rule and a line a finding, the worst first, at most so many a rule."""
    for code, total in count(findings).items():
        rule = RULES[code]
        yield f"{code} {rule.severity}: {rule.title}: {total}. To do: {rule.remedy}."
        for finding in worst(findings, code)[:max_per_rule]:
            yield f"  {place(finding)}: {finding.message}"
        if total > max_per_rule:
            yield f"  … and {total - max_per_rule} more"


def summary(materials: Sequence[Material], findings: Sequence[Finding]) -> str:
    """Return one line: how much was looked at and how many findings of each severity there are."""
    images = sum(len(material.image_names) for material in materials)
    people = sum(len(material) for material in materials)
    severities = [finding.severity for finding in findings]
    parts = [f"{severities.count(severity)} {severity}" for severity in SEVERITIES]
    return f"{people} people on {images} images: {', '.join(parts)}"


def worst(findings: Sequence[Finding], code: str) -> list[Finding]:
    """Return a rule's findings, the worst first."""
    mine = [finding for finding in findings if finding.code == code]
    return sorted(mine, key=lambda finding: -finding.fault.degree)


def place(finding: Finding) -> str:
    """Return what a finding is about, in words."""
    image = f"image {finding.image}" if finding.image is not None else None
    person = f"person {finding.person}" if finding.person is not None else None
    return ", ".join(part for part in (finding.dataset, image, person, finding.joint) if part)
