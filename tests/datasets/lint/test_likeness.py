import cv2
import numpy as np

from poseforge.datasets import SyntheticPeople
from poseforge.datasets.lint.likeness import MAX_BITS, like_pairs
from poseforge.datasets.lint.pictures import MISSING, Pictures, difference_hash, read_pictures


def made_up(hashes, thumbs):
    count = len(hashes)
    return Pictures(
        problems=np.full(count, ""),
        sizes=np.zeros((count, 2), np.int64),
        digests=np.array([f"{n}" for n in range(count)]),
        hashes=hashes,
        thumbs=thumbs,
    )


def test_pairs_are_those_of_a_search_one_by_one():
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 1 << 63, 700, dtype=np.uint64)
    for row in range(0, 600, 3):  # near ones, up to 12 bits away
        bits = rng.choice(63, rng.integers(0, 13), replace=False)
        hashes[row + 1] = hashes[row] ^ np.bitwise_or.reduce(np.uint64(1) << bits.astype(np.uint64))
    thumbs = rng.normal(size=(700, 256)).astype(np.float32)
    thumbs[1:600:6] = thumbs[:600:6]
    thumbs /= np.linalg.norm(thumbs, axis=1, keepdims=True)
    pictures = made_up(hashes, thumbs)
    expected = {
        (a, b)
        for a in range(700)
        for b in range(a + 1, 700)
        if bin(int(hashes[a]) ^ int(hashes[b])).count("1") <= MAX_BITS
        and thumbs[a] @ thumbs[b] > 0.9
    }
    assert 20 < len(expected) < 100
    assert {tuple(pair) for pair in like_pairs(pictures).tolist()} == expected
    across = {tuple(pair) for pair in like_pairs(pictures, pictures).tolist()}
    both = expected | {(b, a) for a, b in expected} | {(a, a) for a in range(700)}
    assert across == both


def test_a_scaled_and_recompressed_picture_is_like_its_original(tmp_path):
    data = SyntheticPeople(12, seed=1)
    paths = []
    for number in range(12):
        picture = data[number]["image"]
        small = cv2.resize(picture, (90, 90), interpolation=cv2.INTER_AREA)
        paths += [tmp_path / f"{number}.png", tmp_path / f"{number}.jpg"]
        cv2.imwrite(str(paths[-2]), picture)
        cv2.imwrite(str(paths[-1]), small, [cv2.IMWRITE_JPEG_QUALITY, 70])
    ticks = []
    pictures = read_pictures([str(path) for path in paths], lambda: ticks.append(1))
    assert len(ticks) == 24
    assert pictures.sizes[:2].tolist() == [[160, 160], [90, 90]]
    pairs = {tuple(pair) for pair in like_pairs(pictures).tolist()}
    assert pairs == {(2 * n, 2 * n + 1) for n in range(12)}


def test_a_ramp_has_a_known_hash():
    ramp = np.tile(np.arange(90, dtype=np.uint8), (80, 1))
    assert difference_hash(ramp) == (1 << 64) - 1
    assert difference_hash(ramp[:, ::-1].copy()) == 0


def test_what_cannot_be_read_is_like_nothing(tmp_path):
    (tmp_path / "empty.png").touch()
    names = ["", str(tmp_path / "none.png"), str(tmp_path / "empty.png"), str(tmp_path / "no.jpg")]
    pictures = read_pictures(names, lambda: None)
    assert pictures.problems[:2].tolist() == ["", MISSING]
    assert "is empty (0 bytes)" in pictures.problems[2]
    assert like_pairs(pictures).tolist() == []
    assert like_pairs(Pictures.none()).tolist() == []
