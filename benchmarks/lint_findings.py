"""What `poseforge data lint` finds in LSP, LSPET and a COCO file; prints the table of the docs.

    python benchmarks/lint_findings.py --coco FILE.json --coco-images FOLDER

LSP and LSPET are looked for as in training.
"""

import argparse
import time
from pathlib import Path

import poseforge
from poseforge.datasets import LSP, LSPExtended
from poseforge.datasets.lint import (
    RULES,
    Finding,
    Material,
    choose,
    lint,
    material_of,
    read_document,
)
from poseforge.engine.manifest import commit, cpu_model


def main() -> None:
    """Lint and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coco", type=Path, required=True)
    parser.add_argument("--coco-images", type=Path, required=True)
    options = parser.parse_args()
    start, work = time.perf_counter(), time.process_time()
    materials, findings = lint(
        [
            material_of(LSP("train"), "train"),
            material_of(LSP("test"), "test"),
            material_of(LSPExtended(), "train"),
        ],
        choose(),
        lambda *_: None,
    )
    seconds = time.perf_counter() - start, time.process_time() - work
    document = read_document(options.coco, options.coco_images)
    coco, found = lint([document.material], choose(), lambda *_: None)
    print(table([*materials, *coco], [*findings, *found]))
    images = sum(len(material.image_names) for material in materials)
    print(
        f"{images} images of LSP and LSPET in {seconds[0]:.0f} s ({seconds[1]:.0f} s of processor "
        f"time) on {cpu_model()}; PoseForge {poseforge.__version__}, commit {commit()}"
    )


def table(materials: list[Material], findings: list[Finding]) -> str:
    """Return findings by rule and data set as Markdown; rules without findings are left out."""
    names = [material.name for material in materials]
    lines = [
        f"| rule | {' | '.join(names)} |",
        f"|---|{'--:|' * len(names)}",
        f"| people | {' | '.join(str(len(material)) for material in materials)} |",
    ]
    for code in sorted({finding.code for finding in findings}):
        mine = [finding.dataset for finding in findings if finding.code == code]
        counts = " | ".join(str(mine.count(name) or "–") for name in names)
        lines.append(f"| {code} {RULES[code].title} | {counts} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
