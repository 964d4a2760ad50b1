import cv2

from benchmarks.layer_profiles import main
from benchmarks.result import check_result


def test_a_trial_writes_a_result_and_a_picture(tmp_path):
    picture = tmp_path / "roofline.png"
    assert main(["--tiny", "--out", str(tmp_path), "--picture", str(picture)]) == 0
    [path] = tmp_path.glob("*.json")
    result = check_result(path)
    names = [item["name"] for item in result["measurements"]]
    for title in ("CPM, train", "CPM, infer"):
        assert any(name.startswith(f"{title}: a step of 2 images") for name in names)
        assert sum(name.startswith(title) and "share of the step" in name for name in names) == 5
    shares = [m["median"] for m in result["measurements"] if "share of the step" in m["name"]]
    assert all(0 < share < 100 for share in shares)
    assert cv2.imread(str(picture)).shape[1] > 700


def test_a_device_that_is_not_there_is_a_sentence(tmp_path, capsys):
    assert main(["--tiny", "--device", "cuda:99", "--out", str(tmp_path)]) == 2
    assert "is not there" in capsys.readouterr().err
