"""docs/plugins.md: its code is run, and its error messages are compared with the real ones."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from poseforge.cli.main import main
from poseforge.codecs import Coordinates
from poseforge.models.losses import SmoothL1
from poseforge.registry import CODECS, DATASETS, HEADS, build, import_beside
from poseforge.reports.metrics import parse_metric
from poseforge.structures import SKELETONS, People
from poseforge.testing import check_codec, check_head

PAGE = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
MODULES = ("my_head", "my_data", "my_codec", "my_metric", "my_hook")
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
SMALL = [
    "train_cfg.max_epochs=1",
    *(f"{loader}.{key}" for loader in LOADERS for key in ("batch_size=2", "num_workers=0")),
    *(f"{loader}.dataset.num_people=4" for loader in LOADERS),
    *(f"{loader}.dataset.size=48" for loader in LOADERS),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the page's files; what is imported from it is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    modules = set(sys.modules)
    for name, text in BLOCKS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    yield tmp_path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def run(*overrides: str) -> int:
    return main(["train", "my_config.py", "--device", "cpu", "--cfg-options", *SMALL, *overrides])


def test_the_page_has_all_blocks():
    names = {f"{module}.py" for module in MODULES}
    names |= {"my_config.py", "test_my_head.py", "my_package/__init__.py", "pyproject.toml"}
    assert set(BLOCKS) == names
    assert len(BLOCKS["my_head.py"].splitlines()) <= 36


def test_the_head_and_the_hook_train(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run("custom_hooks=[{'type': 'my_hook.ScoreFile'}]") == 0
    run_folder = folder / "work_dirs" / "my_config"
    assert (run_folder / "best.pth").is_file()
    assert (run_folder / "score.txt").read_text().startswith("epoch 1: {'PCK@0.2': ")
    assert re.search(r"^ my_config( +[\d.–]+){10}", capsys.readouterr().out, re.MULTILINE)


def test_the_pages_own_test_passes(folder: Path):
    import_beside(str(folder))
    page: dict[str, object] = {}
    exec(BLOCKS["test_my_head.py"], page)
    test = page["test_soft_argmax_head"]
    assert callable(test)
    test()


def test_the_head_finds_the_middle_of_a_lit_cell(folder: Path):
    import_beside(str(folder))
    arguments = {"type": "my_head.SoftArgmaxHead", "in_channels": 2, "num_keypoints": 2}
    head = build(arguments, HEADS, loss=SmoothL1())
    check_head(head, Coordinates((40, 24)), [torch.rand(3, 2, 6, 10)], 2)
    head.maps.weight.data = 100 * torch.eye(2)[:, :, None, None]
    head.maps.bias.data.zero_()
    features = torch.zeros(1, 2, 6, 10)
    features[0, 0, 5, 0] = features[0, 1, 2, 7] = 1
    outputs = head([features], {"image": torch.zeros(1, 3, 24, 40)})
    points, _ = Coordinates((40, 24)).decode(outputs.detach())
    # Cells are 4 pixels wide: cell 0 covers pixels 0 ... 3, so its middle is 1.5.
    torch.testing.assert_close(points, torch.tensor([[[1.5, 21.5], [29.5, 9.5]]]))


def test_the_codec_keeps_the_contract_and_trains(folder: Path):
    import_beside(str(folder))
    codec = build({"type": "my_codec.Centered", "input_size": (64, 96)}, CODECS)
    check_codec(codec, SKELETONS["lsp14"], tolerance_px=0.01)
    edges = torch.tensor([[[0.0, 0.0], [63.0, 95.0]]])
    encoded = codec.encode(edges, torch.full((1, 2), 2.0))["coordinates"]
    assert encoded.tolist() == [[[-1, -1], [1, 1]]]
    assert run("codec.type='my_codec.Centered'") == 0


def test_the_data_set_reads_its_file_and_trains(folder: Path):
    points = np.column_stack([np.linspace(12, 45, 14), np.linspace(70, 9, 14), np.full(14, 2)])
    cv2.imwrite(str(folder / "a.png"), np.full((80, 60, 3), 90, np.uint8))
    line = ",".join(["a.png", *(f"{number:.2f}" for number in points.ravel())])
    (folder / "people.csv").write_text(f"{line}\n" * 4)
    import_beside(str(folder))
    people = build({"type": "my_data.CsvPeople", "path": "people.csv"}, DATASETS)
    np.testing.assert_allclose(people[1]["keypoints"], points[:, :2], atol=0.01)
    assert people[1]["box"].tolist() == [12, 9, 45, 70]
    override = "train_dataloader.dataset={'type': 'my_data.CsvPeople', 'path': 'people.csv'}"
    assert run(override) == 0


def test_the_metric_counts_people_and_is_resampled(folder: Path):
    import_beside(str(folder))
    lsp = SKELETONS["lsp14"]
    truth = np.random.default_rng(0).uniform(0, 99, (8, 14, 2))
    guessed = truth.copy()
    guessed[:2, 3] += 500
    visible = np.full((8, 14), 2.0)
    visible[1, 3] = 0
    none = np.array([], dtype=str)
    people = People(none, truth, visible, np.zeros((8, 4)), np.arange(8).astype(str))
    # Without left hip and wrong there alone, the second person is right.
    report = parse_metric("my_metric.WholePeople")(guessed, visible, people, lsp)
    assert report.values["whole@0.2"] == 87.5
    low, high = report.intervals["whole@0.2"]
    assert low < 87.5 < high
    assert run("metrics=[{'type': 'PCK'}, {'type': 'my_metric.WholePeople'}]") == 0


def broken_files() -> dict[str, str]:
    head = BLOCKS["my_head.py"]
    return {
        "broken_import": f"# my_head.py\nimport not_a_real_package\n{head}",
        "broken_syntax": f"# my_head.py\n{head.replace('Head(Head):', 'Head(Head)')}",
        "broken_name": "WIDTH = widht\n",
        "no_loss": head.replace("def loss(", "def los("),
        "no_number": head.replace("        self.num_keypoints = num_keypoints\n", ""),
    }


@pytest.mark.parametrize(
    ("override", "mistake"),
    [
        ("model.head.type='broken_import.SoftArgmaxHead'", "the file's own import fails"),
        ("model.head.type='broken_syntax.SoftArgmaxHead'", "an error of syntax in the file"),
        ("model.head.type='broken_name.SoftArgmaxHead'", "another error while the file is"),
        ("model.head.type='my_haed.SoftArgmaxHead'", "the file's name misspelt"),
        ("model.head.type='my_head.SoftArgmxHead'", "the class misspelt"),
        ("model.head.type='SoftArgmaxHead'", "the file left out"),
        ("model.head.in_chanels=64", "an argument misspelt"),
        ("model.head={'type': 'my_head.SoftArgmaxHead'}", "an argument forgotten"),
        ("model.head={'in_channels': 64}", "`type` forgotten"),
        ("model.head.type='no_loss.SoftArgmaxHead'", "the method `loss` forgotten"),
        ("model.head.type='no_number.SoftArgmaxHead'", "`self.num_keypoints` forgotten"),
        ("model.head.num_keypoints=16", "more keypoints than the skeleton"),
        ("codec.input_size=(96, 96)", "crops that are not of the codec's size"),
        ("model.head.in_channels=32", "too few input channels"),
    ],
)
def test_the_table_of_mistakes_has_the_real_messages(
    folder: Path, capsys: pytest.CaptureFixture[str], override: str, mistake: str
):
    for name, text in broken_files().items():
        (folder / f"{name}.py").write_text(text)
    assert run(override) == 2
    assert message_of(mistake) == said(capsys.readouterr().err, folder)


@pytest.mark.parametrize(
    ("code", "mistake"),
    [
        ("import not_a_real_package", "an installed plugin that cannot be imported"),
        (
            "from poseforge.registry import HEADS\n"
            "HEADS.register_module(name='HeatmapHead', module=dict)",
            "an installed plugin that takes a name",
        ),
    ],
)
def test_the_table_has_the_messages_of_installed_plugins(tmp_path: Path, code: str, mistake: str):
    install(tmp_path, code)
    done = list_heads(tmp_path)
    assert done.returncode == 2
    assert message_of(mistake) == said(done.stderr, tmp_path)


def test_the_package_of_the_page_is_listed(tmp_path: Path):
    install(tmp_path, BLOCKS["my_package/__init__.py"])
    (tmp_path / "my_package" / "my_head.py").write_text(BLOCKS["my_head.py"])
    done = list_heads(tmp_path)
    assert done.returncode == 0, done.stderr
    listed = [line for line in done.stdout.splitlines() if line.startswith("SoftArgmaxHead ")]
    assert len(listed) == 1
    assert listed[0].endswith("is the point.  (my_package.my_head)")


def install(site: Path, code: str) -> None:
    """Lay the page's package down as an installer does, with the page's own entry point."""
    (site / "my_package").mkdir()
    (site / "my_package" / "__init__.py").write_text(code)
    group, entry = re.findall(
        r'\[project\.entry-points\."(\S+)"\]\n(\S+ = "\S+")', BLOCKS["pyproject.toml"]
    )[0]
    info = site / "my_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}\n")


def list_heads(site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "poseforge.cli.main", "list", "heads"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, timeout=120
    )


def message_of(mistake: str) -> str:
    rows = re.findall(rf"^\| {re.escape(mistake)}[^|]* \| `(.*)` \|$", PAGE, re.MULTILINE)
    assert len(rows) == 1, f"the page has {len(rows)} rows on {mistake}"
    return rows[0]


def said(errors: str, folder: Path) -> str:
    (line,) = errors.splitlines()
    return line.removeprefix("error: ").replace(str(folder), "/home/me/pose")
