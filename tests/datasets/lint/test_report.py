from benchmarks.lint_findings import table
from benchmarks.planted_faults import planted
from poseforge.datasets.lint import choose, lint
from poseforge.datasets.lint.report import summary, to_lines


def test_lines_name_the_rule_the_place_and_what_is_wrong(clean, tmp_path):
    materials, _ = planted("PF003", clean, tmp_path)
    looked_at, findings = lint(materials, choose(), lambda *_: None)
    assert list(to_lines(findings, 5)) == [
        "PF003 error: image of another size than the file says: 1. To do: the points belong to "
        "another version of the image: get that one, or scale them.",
        "  people, image 006.png: the image has 160 x 160 pixels, the file says 180 x 160",
    ]
    assert list(to_lines(findings, 0))[1:] == ["  … and 1 more"]
    assert summary(looked_at, findings).endswith("110 images: 1 error, 0 warning, 0 info")


def test_the_table_of_the_page_counts_by_data_set(clean, tmp_path):
    materials, _ = planted("PF303", clean, tmp_path)
    looked_at, findings = lint(materials, choose(), lambda *_: None)
    assert table(looked_at, findings).splitlines() == [
        "| rule | people | held |",
        "|---|--:|--:|",
        "| people | 110 | 1 |",
        "| PF303 validation or test image that is in the training set | – | 1 |",
    ]
