from pathlib import Path

import pytest

from benchmarks.result import check_result
from benchmarks.utilisation import AUGMENT, VARIANTS, main, promises
from poseforge.profiling.result_file import Measurement, measurement


def tiny(out: Path) -> dict[str, Measurement]:
    assert main(["--tiny", "--device", "cpu", "--workers", "1", "--out", str(out)]) == 0
    (path,) = out.glob("*.json")
    result = check_result(path)
    assert result["settings"]["tiny"]
    return {item["name"]: item for item in result["measurements"]}


@pytest.mark.slow
def test_shares_are_of_rates_of_the_same_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("POSEFORGE_DATA", raising=False)  # generated people
    found = tiny(tmp_path)
    product = found["matrix product, 64 x 64"]["values"]
    for batch in (2, 4):
        for variant in VARIANTS:
            name = f"training step, {variant}, {batch} images"
            share = found[f"{name} ÷ the fastest matrix product"]["values"]
            pairs = zip(found[name]["values"], product, strict=True)
            assert share == pytest.approx([a / b for a, b in pairs])
    (alone,) = (name for name in found if name.endswith(", alone"))
    for augment in AUGMENT:
        fed = f"{alone.removesuffix('alone')}fed with augment={augment}"
        pairs = zip(found[fed]["values"], found[alone]["values"], strict=True)
        assert found[f"{fed} ÷ alone"]["values"] == pytest.approx([a / b for a, b in pairs])


def test_promises_are_kept_from_their_numbers_on():
    for shares, end in (((0.5, 0.95), "kept"), ((0.49, 0.94), "NOT KEPT")):
        names = ("step ÷ the fastest matrix product", "step, fed ÷ alone")
        items = [measurement(n, "×", [v]) for n, v in zip(names, shares, strict=True)]
        items.append(measurement("plain ÷ the fastest matrix product", "×", [0.1]))
        assert all(line.endswith(f", {end}") for line in promises(items))


def test_a_device_that_is_not_there_is_a_sentence(capsys: pytest.CaptureFixture[str]):
    assert main(["--tiny", "--device", "mps"]) == 2
    assert "use 'cpu' or 'cuda'" in capsys.readouterr().err
