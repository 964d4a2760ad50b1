import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from poseforge.structures import affine
from poseforge.transforms import BadImageError, Read, open_image, read_image, read_size
from poseforge.transforms.io import Picture

RNG = np.random.default_rng(0)
NOISE = RNG.integers(256, size=(40, 60, 3), dtype=np.uint8)  # RGB
ENCODED = {
    kind: cv2.imencode(kind, NOISE[..., ::-1])[1].tobytes()
    for kind in (".png", ".jpg", ".bmp", ".webp")
}


def with_exif(jpeg: bytes, orientation: int, order: str = ">") -> bytes:
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    start = {">": b"MM", "<": b"II"}[order] + struct.pack(order + "HI", 42, 8)
    tiff = start + struct.pack(order + "H", 1) + entry + b"\x00\x00\x00\x00"
    body = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.fixture
def write(tmp_path):
    def _write(name, data):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return _write


@pytest.mark.parametrize("kind", [".png", ".bmp"])
def test_lossless_colours_are_rgb_and_exact(write, kind):
    image = read_image(write("a" + kind, ENCODED[kind]))
    np.testing.assert_array_equal(image, NOISE)
    assert image.dtype == np.uint8


def test_jpeg_colours_are_rgb(write):
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 2] = 255  # BGR, as OpenCV writes
    image = read_image(write("red.jpg", cv2.imencode(".jpg", red)[1].tobytes()))
    assert (image[..., 0] > 245).all()
    assert (image[..., 1:] < 10).all()


def test_grey_becomes_three_equal_channels(write):
    image = read_image(write("g.png", cv2.imencode(".png", NOISE[..., 0])[1].tobytes()))
    np.testing.assert_array_equal(image, np.repeat(NOISE[..., :1], 3, axis=2))


def test_alpha_is_dropped_and_stored_colours_stay(write):
    alpha = np.zeros((40, 60, 1), np.uint8)
    bgra = np.concatenate([NOISE[..., ::-1], alpha], axis=2)
    image = read_image(write("a.png", cv2.imencode(".png", bgra)[1].tobytes()))
    np.testing.assert_array_equal(image, NOISE)


@pytest.mark.parametrize("kind", [".png", ".tiff"])
def test_sixteen_bits_are_scaled_to_eight(write, kind):
    deep = np.linspace(0, 65535, 2400).astype(np.uint16).reshape(40, 60)
    image = read_image(write("d" + kind, cv2.imencode(kind, deep)[1].tobytes()))
    np.testing.assert_allclose(image[..., 0].astype(float), deep / 257.0, atol=1.0)


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [(1, lambda a: a), (3, lambda a: np.rot90(a, 2)), (6, lambda a: np.rot90(a, -1))],
)
def test_exif_turns_the_picture_as_a_viewer_does(write, orientation, expected):
    plain = read_image(write("plain.jpg", ENCODED[".jpg"]))
    path = write("turned.jpg", with_exif(ENCODED[".jpg"], orientation))
    turned = read_image(path)
    np.testing.assert_array_equal(turned, expected(plain))
    assert read_size(path) == (turned.shape[1], turned.shape[0])


@pytest.mark.parametrize("kind", ENCODED)
def test_read_size_is_the_size_of_the_image(write, kind):
    assert read_size(write("a" + kind, ENCODED[kind])) == (60, 40)


@pytest.mark.parametrize("kind", ENCODED)
@pytest.mark.parametrize("part", [0.2, 0.6, 0.95])
def test_cut_short_files_are_refused_by_name(write, kind, part):
    data = ENCODED[kind]
    path = write("cut" + kind, data[: int(len(data) * part)])
    with pytest.raises(BadImageError, match="cut"):
        read_image(path)


def test_cut_short_jpeg_with_a_thumbnail_is_refused(write):
    thumbnail = b"thumb\xff\xd8\xff\xd9"
    segment = b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    data = ENCODED[".jpg"][:2] + segment + ENCODED[".jpg"][2:]
    assert read_image(write("whole.jpg", data)).shape == NOISE.shape
    with pytest.raises(BadImageError, match=r"part\.jpg is cut short; copy or download"):
        read_image(write("part.jpg", data[:-300]))


def test_jpeg_with_bytes_after_its_end_is_read(write):
    assert (
        read_image(write("long.jpg", ENCODED[".jpg"] + b"\0maker notes\xff")).shape == NOISE.shape
    )


def jpeg_of(size: int, progressive: bool = False) -> bytes:
    """A grey square of many pixels, a row of blocks repeated between restart marks."""
    row = np.full((8, size), 77, np.uint8)
    data = cv2.imencode(".jpg", row, [cv2.IMWRITE_JPEG_RST_INTERVAL, size // 8])[1].tobytes()
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    scan += 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    head = data[: frame + 5] + size.to_bytes(2, "big") + data[frame + 7 : scan]
    if progressive:
        head = head.replace(b"\xff\xc0", b"\xff\xc2")
    rows = (data[scan:-2] + bytes([0xFF, 0xD0 + n % 8]) for n in range(size // 8 - 1))
    return head + b"".join(rows) + data[scan:]


def png_of(size: int) -> bytes:
    """A black square of many pixels, of one bit each."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    packer = zlib.compressobj()
    rows = b"".join(packer.compress(bytes(1 + size // 8)) for _ in range(size)) + packer.flush()
    head = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    return start + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_huge_jpeg_is_read_reduced_and_refused_whole(write):
    file = open_image(write("a.jpg", jpeg_of(20_000)))
    assert file.size == (20_000, 20_000)
    small = file.decode(8)
    assert small.shape == (2500, 2500, 3)
    assert (np.abs(small.astype(int) - 77) <= 1).all()  # the repeated rows are whole
    with pytest.raises(BadImageError, match=r"a\.jpg has 20000 x 20000 pixels, and at most 134"):
        file.decode()


def test_a_huge_png_is_refused_from_its_header(write):
    assert read_image(write("a.png", png_of(80))).shape == (80, 80, 3)  # such files are pictures
    path = write("b.png", png_of(20_000))
    with pytest.raises(BadImageError, match=r"20000 x 20000 .* shrink it, or cut out the part"):
        open_image(path)


def test_a_huge_jpeg_in_passes_is_refused(write):
    file = open_image(write("a.jpg", jpeg_of(20_000, progressive=True)))
    with pytest.raises(BadImageError, match="20000 x 20000"):
        file.decode(8)


def test_a_jpeg_in_passes_is_read(write):
    data = cv2.imencode(".jpg", NOISE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    assert b"\xff\xc2" in data
    assert open_image(write("a.jpg", data)).decode(2).shape == (20, 30, 3)


def test_the_first_frame_is_read(write):
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    file = open_image(write("a.gif", buffer.getvalue()))
    assert file.is_animated
    np.testing.assert_array_equal(file.decode(), np.array(frames[0]))
    assert not open_image(write("a.png", ENCODED[".png"])).is_animated


def test_empty_file_is_refused(write):
    with pytest.raises(BadImageError, match=r"zero\.jpg is empty \(0 bytes\)"):
        read_image(write("zero.jpg", b""))


def test_text_is_no_image(write):
    with pytest.raises(BadImageError, match=r"page\.jpg is damaged or not an image"):
        read_image(write("page.jpg", b"<html>not found</html>"))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no image .*nowhere\.jpg; check data_root"):
        read_image(tmp_path / "nowhere.jpg")


def test_folder_is_no_image(tmp_path):
    with pytest.raises(BadImageError, match="cannot be read"):
        read_image(tmp_path)


def test_read_fills_image_matrix_and_center(write, rng):
    given = {
        "image_path": str(write("a.png", ENCODED[".png"])),
        "box": np.array([10, 20, 30, 25], np.float32),
    }
    sample = Read()(given, rng)
    np.testing.assert_array_equal(sample["image"], NOISE)
    np.testing.assert_array_equal(sample["matrix"], [[1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(sample["center"], [20, 22.5])
    assert set(given) == {"image_path", "box"}


def test_read_keeps_what_the_data_set_brought(sample, rng):
    sample["center"] = np.array([1, 2], np.float32)
    read = Read()(sample, rng)
    assert read["image"] is sample["image"]
    np.testing.assert_array_equal(read["center"], [1, 2])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", [">", "<"])
def test_size_is_that_of_the_picture_as_it_is_turned(write, orientation, order):
    path = write("turned.jpg", with_exif(ENCODED[".jpg"], orientation, order))
    height, width = read_image(path).shape[:2]
    assert read_size(path) == (width, height)
    assert (width, height) == ((60, 40) if orientation < 5 else (40, 60))


def test_a_jpeg_is_reduced_without_being_enlarged_and_a_png_is_not(write):
    def reduction(picture, scale):
        image, found = picture.at(scale)
        width, height = picture.size
        assert image.shape == (-(-height // found), -(-width // found), 3)
        return found

    for kind in (".jpg", ".png"):
        picture = Picture({"image_path": str(write("a" + kind, ENCODED[kind]))})
        found = [reduction(picture, scale) for scale in (3, 1, 0.51, 0.5, 0.3, 0.25, 0.125, 0)]
        assert found == ([1, 1, 1, 2, 2, 4, 8, 8] if kind == ".jpg" else [1] * 8)


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize(
    ("size", "orientation"), [((211, 157), 1), ((208, 160), 1), ((208, 160), 6)]
)
def test_reduced_pixels_lie_where_their_matrix_says(write, factor, size, orientation):
    rng = np.random.default_rng(3)
    smooth = cv2.GaussianBlur(rng.normal(size=(size[1], size[0], 3)), (0, 0), 9)
    smooth = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    jpeg = cv2.imencode(".jpg", smooth, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    path = write("smooth.jpg", with_exif(jpeg, orientation))
    whole = read_image(path).astype(float)
    reduced, found = Picture({"image_path": str(path)}).at(1 / factor)
    assert found == factor
    height, width = (side // factor for side in whole.shape[:2])  # the blocks that are whole
    blocks = whole[: height * factor, : width * factor]
    blocks = blocks.reshape(height, factor, width, factor, 3).mean(axis=(1, 3))
    difference = np.abs(reduced[:height, :width] - blocks)
    assert difference.mean() < 1
    rows, columns = np.mgrid[:height, :width]
    points = affine.apply(affine.enlargement_matrix(factor), np.stack([columns, rows], -1)[0, :2])
    np.testing.assert_allclose(
        points, [[(factor - 1) / 2] * 2, [(3 * factor - 1) / 2, (factor - 1) / 2]]
    )


def test_a_turned_picture_whose_blocks_hang_over_is_read_whole(write):
    turned = Picture({"image_path": str(write("t.jpg", with_exif(ENCODED[".jpg"], 6)))})
    assert [turned.at(1 / n)[1] for n in (2, 4, 8)] == [2, 4, 4]  # 40 x 60: 60 is no multiple of 8


def test_people_of_one_image_share_its_file_until_it_changes(write):
    path = write("a.png", ENCODED[".png"])
    first = open_image(path)
    assert open_image(path) is first
    assert open_image(str(path)).decode() is first.decode()
    with pytest.raises(ValueError, match="read-only"):
        first.decode()[0] = 0  # it is everybody's
    write("a.png", cv2.imencode(".png", NOISE[:20, ::-1])[1].tobytes())
    assert open_image(path).size == (60, 20)
    write("a.png", b"no picture")
    for _ in range(2):
        with pytest.raises(BadImageError):
            open_image(path)
