"""`poseforge data lint CONFIG|ANNOTATIONS`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from poseforge.cli.loaders import datasets_of
from poseforge.cli.progress import progress_bar
from poseforge.files import write_text

if TYPE_CHECKING:
    from poseforge.datasets.lint import Document, Finding, Material

HELP = "look for mistakes in annotations and images"
NEVER = "never"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this verb's arguments."""
    parser.add_argument(
        "subject",
        type=Path,
        metavar="CONFIG|ANNOTATIONS",
        help="a config (.py), whose data sets are looked at, or a COCO keypoint file (.json)",
    )
    parser.add_argument(
        "--images", type=Path, help="folder of an annotation file's images; default the file's own"
    )
    parser.add_argument(
        "--select", nargs="+", default=[], metavar="CODE", help="only these rules, such as PF1"
    )
    parser.add_argument(
        "--ignore", nargs="+", default=[], metavar="CODE", help="all but these rules"
    )
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "info", NEVER),
        default="error",
        help="exit with 1 if there are findings this grave or graver",
    )
    parser.add_argument(
        "--max-per-rule", type=int, default=10, help="findings of a rule that are printed"
    )
    parser.add_argument("--json", type=Path, help="write all findings to this JSON file")
    parser.add_argument(
        "--fix", type=Path, help="write the annotations with what is safe mended to this file"
    )
    parser.add_argument("--pictures", type=Path, help="draw the worst findings of each rule here")


def run(options: argparse.Namespace, console: Console) -> int:
    """Lint, print and write; return 1 if there are grave findings that were not fixed."""
    if options.fix and options.subject.suffix != ".json":
        raise ValueError(
            "--fix mends annotation files; give a .json file of annotations, not a config"
        )
    if options.max_per_rule < 0:
        raise ValueError(f"--max-per-rule {options.max_per_rule} is not allowed; give 0 or more")
    with progress_bar() as progress:
        progress("loading", 0, 1)
        from poseforge.datasets.lint import choose, lint  # cv2, and with a config torch, load here

        rules = choose(options.select, options.ignore)
        document, materials = _load(options)
        looked_at, findings = lint(materials, rules, progress)
    _present(findings, looked_at, options.max_per_rule, console)
    if options.json:
        from poseforge.datasets.lint.report import to_json

        write_text(options.json, to_json(looked_at, findings))
    if options.pictures:
        from poseforge.datasets.lint.drawing import draw_findings

        files = draw_findings(findings, looked_at, options.pictures)
        console.print(f"{len(files)} pictures are in {options.pictures}", soft_wrap=True)
    left = findings
    if document is not None and options.fix:
        left = _fix(document, findings, options.fix, console)
    return int(_grave(left, options.fail_on))


def _load(options: argparse.Namespace) -> tuple["Document | None", list["Material"]]:
    path: Path = options.subject
    if path.suffix == ".json":
        from poseforge.datasets.lint import read_document

        document = read_document(path, options.images)
        return document, [document.material]
    if options.images:
        raise ValueError(
            "--images says where an annotation file's images are; a config's data sets know it"
        )
    return None, _load_config(path)


def _load_config(path: Path) -> list["Material"]:
    """Return the data sets of a config; one that is both val and test comes once."""
    from poseforge.datasets.lint import material_of

    return [
        material_of(dataset, role, name=f"{role} ({dataset.name})")
        for role, dataset in datasets_of(path).items()
    ]


def _present(
    findings: Sequence["Finding"],
    materials: Sequence["Material"],
    max_per_rule: int,
    console: Console,
) -> None:
    from poseforge.datasets.lint.report import summary, to_lines

    for line in to_lines(findings, max_per_rule):
        console.print(line, soft_wrap=True)
    console.print(summary(materials, findings), soft_wrap=True)


def _fix(
    document: "Document", findings: Sequence["Finding"], path: Path, console: Console
) -> list["Finding"]:
    """Write the mended file; return the findings that it still has."""
    import json

    from poseforge.datasets.lint import RULES
    from poseforge.datasets.lint.fixes import fix

    content, mended = fix(document, findings)
    write_text(path, json.dumps(content))
    console.print(f"mended {mended} findings in {path}", soft_wrap=True)
    return [finding for finding in findings if not RULES[finding.code].fixable]


def _grave(findings: Sequence["Finding"], fail_on: str) -> bool:
    from poseforge.datasets.lint import SEVERITIES

    if fail_on == NEVER:
        return False
    limit = SEVERITIES[: [str(s) for s in SEVERITIES].index(fail_on) + 1]
    return any(finding.severity in limit for finding in findings)
