import json

import numpy as np
import pytest

KEYPOINTS = ("nose", "left_hand", "right_hand")
NOISE = 0.05  # of the square root of the area


def document(noise=0.0, seed=0, people=60):
    """Return a COCO file of people with three keypoints, labelled by someone with a shaky hand."""
    rng = np.random.default_rng(0)
    shaky = np.random.default_rng(seed)
    annotations = []
    for number in range(people):
        side = rng.uniform(60, 120)
        corner = rng.uniform(0, 300, size=2)
        points = corner + side * rng.uniform(0, 1, size=(3, 2))
        points += shaky.normal(0, noise * side / np.sqrt(2), size=points.shape)
        annotations.append(
            {
                "id": number + 1,
                "image_id": number % 20 + 1,
                "category_id": 1,
                "keypoints": np.column_stack([points, [2, 2, 2]]).ravel().tolist(),
                "num_keypoints": 3,
                "bbox": [*corner.tolist(), side, side],
                "area": side**2,
                "iscrowd": 0,
            }
        )
    return {
        "images": [
            {"id": n + 1, "file_name": f"{n}.jpg", "width": 500, "height": 500} for n in range(20)
        ],
        "annotations": annotations,
        "categories": [
            {"id": 1, "name": "diver", "keypoints": list(KEYPOINTS), "skeleton": [[1, 2], [1, 3]]}
        ],
    }


@pytest.fixture
def write(tmp_path):
    def make(name, **options):
        path = tmp_path / name
        path.write_text(json.dumps(document(**options)))
        return path

    return make


def test_coco_to_yolo_and_back(run, write, tmp_path):
    source, folder, back = write("a.json"), tmp_path / "yolo", tmp_path / "back.json"
    status, output, errors = run(
        "data", "convert", source, folder, "--from", "coco", "--to", "yolo"
    )
    assert status == 0, errors
    assert "wrote 60 people in 20 images with the 3 keypoints" in output
    assert len(list((folder / "labels" / "train").iterdir())) == 20
    # Both ways need nothing but the files and, for sizes, the images.
    status, _, errors = run("data", "convert", source, back, "--from", "coco", "--to", "coco")
    assert status == 0, errors
    first, second = (json.loads(path.read_text())["annotations"] for path in (source, back))
    for one, two in zip(first, second, strict=True):
        assert one["keypoints"] == pytest.approx(two["keypoints"], abs=1e-3)
        assert one["bbox"] == pytest.approx(two["bbox"], abs=1e-3)


def test_a_flag_that_means_nothing_is_refused(run, write, tmp_path):
    arguments = ("data", "convert", write("a.json"), tmp_path / "b.json", "--from", "coco")
    status, _, errors = run(*arguments, "--split", "val")
    assert status == 2
    assert "--split means nothing from coco to coco" in errors
    assert not (tmp_path / "b.json").exists()


def test_sigmas_of_several_annotators_are_the_noise_they_were_made_with(run, write):
    files = [write(f"{seed}.json", noise=NOISE, seed=seed, people=400) for seed in (1, 2, 3)]
    status, output, errors = run("data", "sigmas", *files)
    assert status == 0, errors
    values = next(line for line in output.splitlines() if line.startswith("sigmas=("))
    found = [float(value) for value in values[8:-1].split(",")]
    assert found == pytest.approx([NOISE] * 3, rel=0.1)


def test_sigmas_that_flatter_are_warned_of(run, write):
    status, output, errors = run("data", "sigmas", write("a.json"), "--noise-px", "60")
    assert status == 0, errors
    assert "warning: " in output
    quiet = run("data", "sigmas", write("a.json"), "--noise-px", "2")[1]
    assert "warning" not in quiet.replace("useless poses do not look good", "")


def test_what_is_missing_for_sigmas_is_said(run, write):
    status, _, errors = run("data", "sigmas", write("a.json"))
    assert status == 2
    assert "sigma" in errors
    both = run("data", "sigmas", write("a.json"), write("b.json"), "--noise-px", "2")
    assert both[0] == 2
    assert "--noise-px takes one annotation file" in both[2]
