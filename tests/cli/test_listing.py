import pytest

from poseforge.registry import REGISTRIES

BUILT_IN = {
    "backbones": {"ConvStack", "CPMTowers"},
    "necks": {"Deconvolutions"},
    "heads": {"CPMHead", "HeatmapHead", "RegressionHead", "SeedCPMHead"},
    "losses": {"CoordinateMSE", "HeatmapMSE", "SmoothL1"},
    "codecs": {"Coordinates", "Heatmap"},
    "estimators": {"TopDown"},
    "datasets": {"Combined", "LSP", "LSPExtended", "SyntheticPeople"},
    "transforms": {"Crop", "Flip", "RandomCrop", "Read", "Stretch"},
    "metrics": {"PCK"},
    "hooks": {"AveragingHook", "EarlyStopHook", "RecordHook"},
}


@pytest.mark.parametrize("kind", REGISTRIES)
def test_a_kind_is_listed_a_line_each_with_its_first_doc_line(run, kind):
    status, output, _ = run("list", kind)
    assert status == 0
    lines = output.splitlines()
    names = [line.split()[0] for line in lines]
    assert names == sorted(names)
    assert set(names) >= BUILT_IN[kind]
    REGISTRIES[kind].import_from_location()
    parts = REGISTRIES[kind].module_dict
    assert len(lines) == len(parts)
    for name, line in zip(names, lines, strict=True):
        first = (parts[name].__doc__ or "").lstrip().partition("\n")[0]
        assert first, f"{name} has no documentation of its own"
        assert line.endswith(f" {first}")


def test_all_kinds_are_listed_with_their_names(run):
    for registry in REGISTRIES.values():
        registry.import_from_location()
    status, output, _ = run("list")
    assert status == 0
    pairs = {tuple(line.split()[:2]) for line in output.splitlines()}
    assert pairs >= {(kind, name) for kind, names in BUILT_IN.items() for name in names}
    assert len(output.splitlines()) == sum(len(r.module_dict) for r in REGISTRIES.values())
