import hashlib
import json
import struct

import numpy as np
import pytest

from poseforge.datasets.crop_shards import HEADER_BYTES, JpegCrop, read_shard, write_shard

CROPS = [JpegCrop(bytes([n] * (10 + n)), np.arange(6.0).reshape(2, 3) * n) for n in (1, 2, 3)]


@pytest.fixture
def shard(tmp_path):
    path = tmp_path / "000.crops"
    write_shard(path, "of people", CROPS)
    return path


def test_the_bytes_are_where_the_format_says(shard):
    """Read with nothing but Python, as any other program would."""
    line, _, rest = shard.read_bytes().partition(b"\n")
    assert json.loads(line) == {"version": 1, "pack": "of people", "people": 3, "bytes": 36}
    row = struct.Struct("<2q6d32s")
    assert sum(crop.stored_bytes for crop in CROPS) == len(rest)
    jpegs = rest[3 * row.size :]
    for crop, (offset, length, *numbers, digest) in zip(
        CROPS, row.iter_unpack(rest[: 3 * row.size]), strict=True
    ):
        assert jpegs[offset : offset + length] == crop.jpeg
        assert numbers == crop.matrix.ravel().tolist()
        assert digest == hashlib.sha256(struct.pack("<6d", *numbers) + crop.jpeg).digest()


def test_what_was_written_is_read(shard):
    found = read_shard(shard)
    assert (found.path, found.pack) == (shard, "of people")
    np.testing.assert_array_equal(found.rows["matrix"], [crop.matrix for crop in CROPS])
    assert shard.read_bytes()[found.start :] == b"".join(crop.jpeg for crop in CROPS)
    assert found.start < HEADER_BYTES


@pytest.mark.parametrize("length", [-1, 100, 65])
def test_a_cut_shard_is_refused(shard, length):
    shard.write_bytes(shard.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"the shard .*000.crops is cut short; copy it again"):
        read_shard(shard)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff", b"[1]\n", b'{"version": 1}\n', b'{"version": 1, "pack": ""']
)
def test_what_is_no_shard_is_refused(shard, content):
    shard.write_bytes(content)
    with pytest.raises(ValueError, match=r"000.crops is damaged or no shard of a pack; copy it"):
        read_shard(shard)


def test_a_shard_of_a_later_version_is_refused(shard):
    shard.write_bytes(shard.read_bytes().replace(b'"version": 1', b'"version": 2', 1))
    with pytest.raises(ValueError, match=r"version 2 of packs, and this PoseForge reads version 1"):
        read_shard(shard)


def test_a_missing_shard_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"the shard .*007.crops is missing; copy all"):
        read_shard(tmp_path / "007.crops")
