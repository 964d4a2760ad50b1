import h5py
import numpy as np
import pytest

from poseforge.formats.deeplabcut import read_deeplabcut
from poseforge.structures import Skeleton

SINGLE = """scorer,me,me,me,me,me,me
bodyparts,snout,snout,leftear,leftear,rightear,rightear
coords,x,y,x,y,x,y
labeled-data/vid/img000.png,1.5,2.5,,,3,4
labeled-data/vid/img001.png,,,,,,
labeled-data/vid/img002.png,5,6,7,8,9,
"""
# What pandas writes where the index has three levels.
MULTI = """scorer,,,me,me,me,me,me,me,me,me,me,me
individuals,,,m1,m1,m1,m1,m2,m2,m2,m2,single,single
bodyparts,,,snout,snout,tail,tail,snout,snout,tail,tail,corner,corner
coords,,,x,y,x,y,x,y,x,y,x,y
labeled-data,vid,img000.png,1,2,3,4,,,,,90,91
labeled-data,vid,img001.png,,,,,5,6,7,8,90,91
labeled-data,vid,img002.png,10,20,,,30,40,,,90,91
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="CollectedData_me.csv", video="vid"):
        path = tmp_path / "labeled-data" / video / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def write_hdf(path, text):
    """Write a table of text as pandas 3.1 writes a frame in its fixed format with PyTables."""
    rows = [line.split(",") for line in text.splitlines()]
    header = [row for row in rows if row[0] in ("scorer", "individuals", "bodyparts", "coords")]
    start = 1 + sum(cell == "" for cell in header[0][1:])
    body = rows[len(header) :]
    values = [[float(cell or "nan") for cell in row[start:]] for row in body]
    with h5py.File(path, "w") as file:
        frame = file.create_group("df_with_missing")
        frame.attrs.update(pandas_type=np.bytes_("frame"), nblocks=1, ndim=2)
        for axis in ("axis0", "block0_items"):
            write_levels(frame, axis, [row[start:] for row in header], [row[0] for row in header])
        if start == 1:
            frame["axis1"] = np.array([row[0] for row in body], dtype="S")
        else:
            write_levels(frame, "axis1", list(zip(*(row[:start] for row in body), strict=True)))
        frame["block0_values"] = np.array(values)


def write_levels(frame, axis, levels, titles=None):
    frame.attrs[f"{axis}_nlevels"] = np.int64(len(levels))
    for number, cells in enumerate(levels):
        names = sorted(set(cells))
        frame[f"{axis}_level{number}"] = np.array(names, dtype="S")
        title = titles[number] if titles else "N."
        frame[f"{axis}_level{number}"].attrs["name"] = np.bytes_(title)
        codes = np.array([names.index(cell) for cell in cells], dtype=np.int8)
        frame[f"{axis}_label{number}"] = codes


def test_one_animal(write, tmp_path):
    annotations = read_deeplabcut(write(SINGLE))
    skeleton, images, people = annotations.skeleton, annotations.images, annotations.people
    assert skeleton.keypoints == ("snout", "leftear", "rightear")
    assert skeleton.pairs == (("leftear", "rightear"),)
    names = [f"labeled-data/vid/img00{n}.png" for n in range(3)]
    assert images.ids.tolist() == names
    assert images.paths.tolist() == [str(tmp_path / name) for name in names]
    assert images.sizes.tolist() == [[0, 0]] * 3
    assert people.ids.tolist() == [f"{names[0]}/0", f"{names[2]}/0"]
    assert people.visible.tolist() == [[2, 0, 2], [2, 2, 0]]
    assert people.keypoints.tolist() == [[[1.5, 2.5], [0, 0], [3, 4]], [[5, 6], [7, 8], [0, 0]]]
    assert people.boxes.tolist() == [[1.5, 2.5, 3, 4], [5, 6, 7, 8]]


def test_several_animals_with_a_frame_in_three_cells(write):
    annotations = read_deeplabcut(write(MULTI))
    people = annotations.people
    assert annotations.skeleton.keypoints == ("snout", "tail")
    first, second, third = annotations.images.ids.tolist()
    assert first == "labeled-data/vid/img000.png"
    assert people.image_ids.tolist() == [first, second, third, third]
    assert people.ids.tolist() == [f"{first}/0", f"{second}/0", f"{third}/0", f"{third}/1"]
    assert people.keypoints[:2].tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    assert people.keypoints[2:, 0].tolist() == [[10, 20], [30, 40]]
    assert people.visible.tolist() == [[2, 2], [2, 2], [2, 0], [2, 0]]


@pytest.mark.parametrize("text", [SINGLE, MULTI])
@pytest.mark.parametrize("flat", [False, True])
def test_the_hdf_file_is_read_as_the_csv_file(write, text, flat, assert_same):
    if flat:
        text = text.replace("labeled-data,vid,", "labeled-data/vid/").replace(",,,me", ",me")
        text = text.replace(",,,m1", ",m1").replace(",,,snout", ",snout").replace(",,,x", ",x")
    path = write(text)
    write_hdf(path.with_suffix(".h5"), text)
    assert_same(read_deeplabcut(path.with_suffix(".h5")), read_deeplabcut(path))


def test_a_file_that_pandas_wrote(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("tables")
    header = [("me",), ("m1", "m2"), ("snout", "tail"), ("x", "y")]
    names = ["scorer", "individuals", "bodyparts", "coords"]
    values = np.random.default_rng(0).uniform(0, 99, (4, 8))
    values[1, 2:4] = np.nan
    index = pandas.MultiIndex.from_tuples([("labeled-data", "vid", f"{n}.png") for n in range(4)])
    columns = pandas.MultiIndex.from_product(header, names=names)
    frame = pandas.DataFrame(values, columns=columns, index=index)
    frame.to_hdf(tmp_path / "CollectedData_me.h5", key="df_with_missing", mode="w")
    people = read_deeplabcut(tmp_path / "CollectedData_me.h5").people
    np.testing.assert_array_equal(
        people.keypoints, np.nan_to_num(values).astype(np.float32).reshape(8, 2, 2)
    )


def test_a_project_is_all_its_videos(write, tmp_path):
    write(SINGLE)
    write_hdf(tmp_path / "labeled-data" / "vid" / "CollectedData_me.h5", MULTI)  # .csv goes first
    second = SINGLE.replace("vid", "two").replace("snout", "tail")
    write_hdf(write("", "none.txt", video="two").with_name("CollectedData_me.h5"), second)
    annotations = read_deeplabcut(tmp_path)
    assert annotations.skeleton.keypoints == ("tail", "leftear", "rightear", "snout")
    assert len(annotations.images) == 6
    assert annotations.people.image_ids[[0, 2]].tolist() == [
        "labeled-data/two/img000.png",
        "labeled-data/vid/img000.png",
    ]
    assert annotations.people.visible[[0, 2]].tolist() == [[2, 0, 2, 0], [0, 0, 2, 2]]


def test_windows_paths_and_another_root(write):
    path = write(SINGLE.replace("labeled-data/vid/", "labeled-data\\vid\\"))
    images = read_deeplabcut(path, image_root="/data").images
    assert images.paths[0] == "/data/labeled-data/vid/img000.png"


def test_a_skeleton_given_orders_the_bodyparts(write):
    given = Skeleton("mouse", ("rightear", "leftear", "tail", "snout"), links=(("tail", "snout"),))
    annotations = read_deeplabcut(write(SINGLE), skeleton=given)
    assert annotations.skeleton is given
    assert annotations.people.visible.tolist() == [[2, 0, 0, 2], [0, 2, 0, 2]]
    with pytest.raises(ValueError, match="keypoint 'rightear', which skeleton 'mouse' lacks"):
        read_deeplabcut(write(SINGLE), skeleton=Skeleton("mouse", ("snout", "leftear")))


LIKELIHOOD = """scorer,DLC_resnet50,DLC_resnet50,DLC_resnet50
bodyparts,snout,snout,snout
coords,x,y,likelihood
0,412.3,288.1,0.97
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LIKELIHOOD, "a file with 'likelihood' holds predictions, so give CollectedData"),
        ("a,b\n1,2\n", "its first rows are not 'scorer', 'bodyparts' and 'coords'"),
        ("", "its first rows are not"),
        (SINGLE.replace("1.5", "abc"), "the cell 'abc' is not a number"),
        (SINGLE + "labeled-data/vid/img003.png,1,2\n", "row 7 has 3 cells, but that of 'coords' 7"),
        (SINGLE.replace("leftear", "snout"), "two columns for the same coordinate"),
        (SINGLE.replace("img001", "img000"), "two images have the id labeled-data/vid/img000.png"),
    ],
)
def test_bad_tables_are_one_sentence(write, text, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_deeplabcut(write(text))
    assert "CollectedData_me.csv" in str(caught.value)


def test_bad_files(write, tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_deeplabcut(tmp_path / "CollectedData_me.csv")
    with pytest.raises(FileNotFoundError, match="has no labeled-data"):
        read_deeplabcut(tmp_path)
    with pytest.raises(ValueError, match=r"is neither .csv nor .h5"):
        read_deeplabcut(write("", "points.txt"))
    damaged = write("no hdf", "CollectedData_me.h5")
    with pytest.raises(ValueError, match=r"give the .csv file beside it"):
        read_deeplabcut(damaged)
    with h5py.File(damaged, "w") as file:
        file.create_group("df_with_missing").attrs["pandas_type"] = np.bytes_("frame_table")
    with pytest.raises(ValueError, match=r"pandas' fixed format; give the .csv"):
        read_deeplabcut(damaged)
