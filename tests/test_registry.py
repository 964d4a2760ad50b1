import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from torch import nn

from poseforge.cli.listing import KINDS
from poseforge.cli.main import main
from poseforge.models.heads import RegressionHead
from poseforge.models.losses import CoordinateMSE
from poseforge.registry import (
    BACKBONES,
    CODECS,
    HEADS,
    LOSSES,
    NECKS,
    REGISTRIES,
    UnknownNameError,
    build,
    import_beside,
    load_plugins,
    resolve,
)

PART = """
class Part:
    def __init__(self, size, *, color="red", **others):
        self.size, self.color, self.others = size, color, others
"""


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Write a file beside a config; what is imported from there is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    modules, heads = set(sys.modules), dict(HEADS.module_dict)
    load_plugins.cache_clear()
    import_beside(str(tmp_path))

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    yield write
    load_plugins.cache_clear()
    for name in set(HEADS.module_dict) - set(heads):
        del HEADS.module_dict[name]
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def install(beside: Callable[..., Path]) -> Callable[[str], None]:
    """Install a plugin as an installer does: a module and the metadata that announces it."""

    def write(code: str) -> None:
        beside("stick_figures.py", code)
        beside("stick_figures-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: sticks\n")
        entry = "[poseforge.plugins]\nsticks = stick_figures\n"
        beside("stick_figures-1.0.dist-info/entry_points.txt", entry)

    return write


@pytest.mark.parametrize(
    ("registry", "name", "message"),
    [
        (HEADS, "RegresionHead", "no head is registered as 'RegresionHead'; did you mean 'Regr"),
        (CODECS, "Heatmaps", "no codec is registered as 'Heatmaps'; did you mean 'Heatmap'?"),
        (
            BACKBONES,
            "Heatmap",
            "no backbone is registered as 'Heatmap' (registered: AlexNet, CPMTowers, C",
        ),
    ],
)
def test_a_misspelt_name_names_the_registry_and_the_nearest(registry, name, message):
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        resolve(name, registry)


def test_an_empty_registry_says_so(monkeypatch: pytest.MonkeyPatch):
    NECKS.import_from_location()
    monkeypatch.setattr(NECKS, "_module_dict", {})
    with pytest.raises(UnknownNameError, match=r"\(registered: none; .* as in 'my_file.FPN'\)"):
        resolve("FPN", NECKS)


def test_a_registered_name_a_dotted_path_and_the_class_are_the_same():
    dotted = "poseforge.models.heads.regression.RegressionHead"
    assert resolve("RegressionHead", HEADS) is RegressionHead
    assert resolve(dotted, HEADS) is RegressionHead
    assert resolve(RegressionHead, HEADS) is RegressionHead


def test_a_file_beside_the_config_is_found_and_shadows_nothing(beside):
    beside("my_part.py", PART)
    beside("json.py", "class Part: ...\n")
    part = build({"type": "my_part.Part", "size": 3}, HEADS, color="blue")
    assert (part.size, part.color, part.others) == (3, "blue", {})
    with pytest.raises(ImportError, match=r"'json' \(.*/json/__init__\.py\) has no 'Part'"):
        resolve("json.Part", HEADS)


def test_a_folder_is_made_importable_once(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", ["first"])
    import_beside(str(tmp_path))
    import_beside(str(tmp_path))
    assert sys.path == ["first", str(tmp_path)]


@pytest.mark.parametrize(
    ("code", "cause", "message"),
    [
        ("import nowhere_to_be", ModuleNotFoundError, "No module named 'nowhere_to_be'"),
        ("from torch import Tensr", ImportError, "cannot import name 'Tensr' from 'torch'"),
        ("\n\nclass Part(:\n", SyntaxError, r"invalid syntax \(line 3 of .*/my_part\.py\)"),
        ("Part = widht", NameError, "NameError: name 'widht' is not defined"),
        ("raise KeyError('part')", KeyError, "KeyError: part"),
    ],
)
def test_the_cause_of_a_failed_import_is_told_and_chained(beside, code, cause, message):
    beside("my_part.py", code)
    with pytest.raises(ImportError, match=f"^cannot load type='my_part.Part': {message}") as caught:
        resolve("my_part.Part", HEADS)
    assert type(caught.value.__cause__) is cause
    assert "\n" not in str(caught.value)
    assert "beside the config" not in str(caught.value)


def test_a_module_that_is_not_there_says_where_to_put_it():
    with pytest.raises(ImportError, match=r"put my_prat\.py beside the config or install it$"):
        resolve("my_prat.Part", HEADS)


def test_a_missing_class_names_the_file_and_the_nearest(beside):
    path = beside("my_part.py", PART)
    message = f"the module 'my_part' ({path}) has no 'Prat'; did you mean 'Part'?"
    with pytest.raises(ImportError, match=re.escape(message)):
        resolve("my_part.Prat", HEADS)


def test_a_value_is_no_part(beside):
    beside("my_part.py", "Part = 5\n")
    with pytest.raises(ImportError, match=r"'my_part\.Part': it is 5, not a class or function"):
        resolve("my_part.Part", HEADS)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"in_feature": 8}, UnknownNameError, "RegressionHead has no argument 'in_feature'; did"),
        ({"colour": 8}, UnknownNameError, "no argument 'colour' (it takes in_features, num_keyp"),
        ({"in_features": 8}, ValueError, "the head RegressionHead needs the argument 'num_keypo"),
    ],
)
def test_wrong_arguments_are_named(arguments, kind, message):
    with pytest.raises(kind, match=re.escape(message)) as caught:
        build({"type": "RegressionHead", **arguments}, HEADS)
    assert type(caught.value) is kind


@pytest.mark.parametrize("cfg", [{"size": 3}, {"type": None}, "Part", None, ["Part"]])
def test_what_is_not_a_description_is_refused(cfg):
    with pytest.raises(ValueError, match="a head is described by a dict with a 'type', not by"):
        build(cfg, HEADS)


def test_a_part_that_takes_any_argument_still_needs_its_own(beside):
    beside("my_part.py", PART)
    part = build({"type": "my_part.Part", "size": 3, "weight": 4}, HEADS)
    assert part.others == {"weight": 4}
    with pytest.raises(ValueError, match="the head Part needs the argument 'size'"):
        build({"type": "my_part.Part", "weight": 4}, HEADS)


def test_a_part_that_fails_to_be_made_is_named(beside):
    beside("my_part.py", "class Part:\n    def __init__(self):\n        None + 1\n")
    with pytest.raises(ValueError, match="the head Part cannot be made: unsupported") as caught:
        build({"type": "my_part.Part"}, HEADS)
    assert type(caught.value.__cause__) is TypeError


def test_an_abstract_part_names_what_it_lacks():
    with pytest.raises(ValueError, match="the head Head has no method 'forward'"):
        build({"type": "poseforge.models.Head"}, HEADS)


def test_nested_parts_are_built_first_each_from_its_own_registry(beside):
    beside("my_part.py", PART)
    part = build(
        {
            "type": "my_part.Part",
            "size": {"type": "left alone: 'size' is not the name of a kind"},
            "loss": {"type": "SmoothL1", "beta": 0.5},
            "head": {
                "type": "RegressionHead",
                "in_features": 4,
                "num_keypoints": 2,
                "loss": {"type": "CoordinateMSE", "reduction": "sum"},
            },
            "transforms": [{"type": "Read"}, "kept"],
            "neck": None,
        },
        HEADS,
    )
    assert part.size == {"type": "left alone: 'size' is not the name of a kind"}
    assert type(part.others["loss"]).__name__ == "SmoothL1"
    assert part.others["loss"].beta == 0.5
    head = part.others["head"]
    assert isinstance(head, RegressionHead)
    assert isinstance(head.criterion, CoordinateMSE)
    assert head.criterion.reduction == "sum"
    read, kept = part.others["transforms"]
    assert (type(read).__name__, kept) == ("Read", "kept")
    assert part.others["neck"] is None


def test_a_nested_part_of_another_kind_is_refused(beside):
    beside("my_part.py", PART)
    cfg = {"type": "my_part.Part", "size": 1}
    with pytest.raises(UnknownNameError, match="no loss is registered as 'RegressionHead'"):
        build({**cfg, "loss": {"type": "RegressionHead"}}, HEADS)
    with pytest.raises(ValueError, match="a loss is described by a dict with a 'type'"):
        build({**cfg, "loss": {"beta": 1.0}}, HEADS)


def test_an_object_is_taken_as_it_is(beside):
    beside("my_part.py", PART)
    loss = nn.L1Loss()
    assert build({"type": "my_part.Part", "size": 1}, HEADS, loss=loss).others["loss"] is loss


def test_a_name_is_registered_once():
    resolve("SmoothL1", LOSSES)
    before = LOSSES.module_dict["SmoothL1"]
    with pytest.raises(KeyError, match="SmoothL1 is already registered in loss"):
        LOSSES.register_module(name="SmoothL1", module=nn.SmoothL1Loss)
    assert LOSSES.module_dict["SmoothL1"] is before


def test_an_installed_plugin_works_by_bare_name_and_is_listed(install, capsys):
    install(
        "from poseforge.registry import HEADS\n"
        "@HEADS.register_module()\n"
        "class StickHead:\n"
        '    """Draw sticks [of wood].\n\n    Not of metal.\n    """\n'
        "    def __init__(self, length):\n        self.length = length\n"
    )
    assert build({"type": "StickHead", "length": 4}, HEADS).length == 4
    assert load_plugins() == ("sticks",)
    assert main(["list", "heads"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = (line for line in lines if line.startswith("StickHead"))
    assert line.split() == ["StickHead", "Draw", "sticks", "[of", "wood].", "(stick_figures)"]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import nowhere_to_be", "No module named 'nowhere_to_be'"),
        ("def part(:", r"invalid syntax \(line 1 of .*/stick_figures\.py\)"),
        (
            "from poseforge.registry import HEADS\n"
            "HEADS.register_module(name='RegressionHead', module=dict)",
            "KeyError: RegressionHead is already registered in head at poseforge.models.heads.regr",
        ),
    ],
)
def test_a_broken_installed_plugin_is_named_with_its_cause(install, code, cause):
    install(code)
    message = rf"^the installed plugin 'sticks' \(stick_figures\) cannot be imported: {cause}"
    with pytest.raises(ImportError, match=message) as caught:
        resolve("Unknown", HEADS)
    assert caught.value.__cause__ is not None
    assert resolve("poseforge.models.heads.RegressionHead", HEADS) is RegressionHead


def test_every_registry_can_be_listed():
    assert tuple(REGISTRIES) == KINDS
