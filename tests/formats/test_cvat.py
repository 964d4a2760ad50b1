import numpy as np
import pytest

from poseforge.formats.cvat import read_cvat
from poseforge.structures import SKELETONS, Skeleton

# As CVAT 2 dumps a task: sublabels with their parent, the drawing escaped, points in any order.
HEAD = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>5</id>
      <labels>
        <label>
          <name>car</name>
          <type>rectangle</type>
        </label>
        <label>
          <name>hand</name>
          <color>#c06060</color>
          <type>skeleton</type>
          <attributes>
          </attributes>
          <svg>&lt;line x1="3" y1="4" x2="8" y2="1" stroke="black" data-type="edge"
            data-node-from="2" stroke-width="0.5" data-node-to="3"&gt;&lt;/line&gt;&lt;circle
            r="1.5" cx="2" cy="2" data-type="element node" data-element-id="1" data-node-id="1"
            data-label-name="left_tip"&gt;&lt;/circle&gt;&lt;circle r="1.5" data-type="element node"
            data-element-id="2" data-node-id="2" data-label-name="right_tip"&gt;&lt;/circle&gt;
            &lt;circle data-type="element node" data-element-id="3" data-node-id="3"
            data-label-name="palm"&gt;&lt;/circle&gt;</svg>
        </label>
        <label><name>left_tip</name><type>points</type><parent>hand</parent></label>
        <label><name>right_tip</name><type>points</type><parent>hand</parent></label>
        <label><name>palm</name><type>points</type><parent>hand</parent></label>
      </labels>
    </task>
    <dumped>2024-09-25 11:38:28.799808+03:00</dumped>
  </meta>
"""
SKELETONS_XML = """
  <image id="0" name="sub/a.jpg" width="1600" height="1200">
    <box label="car" xtl="797.33" ytl="870.92" xbr="965.52" ybr="928.94" occluded="0" z_order="4">
    </box>
    <polygon label="car" points="561.30,916.23;561.30,842.77;554.72,761.63" occluded="0">
    </polygon>
    <tag label="good_frame" source="manual"></tag>
    <skeleton label="hand" source="manual" z_order="0">
      <points label="palm" occluded="1" source="manual" outside="0" points="54.47,94.81">
      </points>
      <points label="left_tip" occluded="0" source="manual" outside="0" points="68.02,162.34">
      </points>
      <points label="right_tip" occluded="0" source="manual" outside="1" points="1.00,2.00">
      </points>
    </skeleton>
    <skeleton label="hand" source="manual" z_order="0" group_id="4">
      <points label="palm" occluded="0" source="manual" outside="0" points="10.00,20.00">
      </points>
    </skeleton>
    <box label="body" source="manual" occluded="0" xtl="1.50" ytl="2.00" xbr="30.00" ybr="40.00"
      group_id="4"></box>
    <points label="car" points="5.00,6.00" occluded="0"></points>
  </image>
  <image id="1" name="b.jpg" width="640" height="480">
  </image>
</annotations>
"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(body, head=HEAD, **options):
        path = tmp_path / "annotations.xml"
        path.write_text(head + body, encoding="utf-8")
        return read_cvat(path, **options)

    return write_and_read


def plain(*shapes):
    images = "".join(
        f'<image id="{n}" name="{n}.jpg" width="9" height="9">{inside}</image>'
        for n, inside in enumerate(shapes)
    )
    return f"<annotations><version>1.1</version><meta/>{images}</annotations>"


def points(text, label="hand", extra=""):
    return f'<points label="{label}" occluded="0" points="{text}" {extra}></points>'


def test_skeletons_of_a_task_dump(read, tmp_path):
    annotations = read(SKELETONS_XML)
    skeleton, images, people = annotations.skeleton, annotations.images, annotations.people
    assert skeleton.name == "hand"
    assert skeleton.keypoints == ("left_tip", "right_tip", "palm")
    assert skeleton.pairs == (("left_tip", "right_tip"),)
    assert skeleton.links == (("right_tip", "palm"),)
    assert images.ids.tolist() == ["sub/a.jpg", "b.jpg"]
    assert images.paths.tolist() == [str(tmp_path / "sub" / "a.jpg"), str(tmp_path / "b.jpg")]
    assert images.sizes.tolist() == [[1600, 1200], [640, 480]]
    assert people.ids.tolist() == ["sub/a.jpg/0", "sub/a.jpg/1"]
    assert people.visible.tolist() == [[2, 0, 1], [0, 0, 2]]
    first = np.float32([[68.02, 162.34], [0, 0], [54.47, 94.81]])
    np.testing.assert_array_equal(people.keypoints[0], first)
    np.testing.assert_array_equal(people.boxes[0], np.float32([54.47, 94.81, 68.02, 162.34]))
    np.testing.assert_array_equal(people.boxes[1], np.float32([1.5, 2, 30, 40]))
    assert people.areas.shape == (0,)


def test_images_are_beside_the_file_in_images_or_where_told(read, tmp_path):
    assert read(SKELETONS_XML, image_root="/data").images.paths[1] == "/data/b.jpg"
    (tmp_path / "images").mkdir()
    assert read(SKELETONS_XML).images.paths[1] == str(tmp_path / "images" / "b.jpg")


def test_numbers_as_labels_are_the_keypoints_of_the_skeleton_given(read):
    numbers = dict(left_tip="1", right_tip="2", palm="3")
    head, body = HEAD, SKELETONS_XML
    for name, number in numbers.items():
        head = head.replace(f">{name}<", f">{number}<").replace(f'"{name}"', f'"{number}"')
        body = body.replace(f'"{name}"', f'"{number}"')
    assert read(body, head).skeleton.keypoints == ("1", "2", "3")
    given = Skeleton("mine", ("left_tip", "right_tip", "palm"))
    annotations = read(body, head, skeleton=given)
    assert annotations.skeleton is given
    expected = read(SKELETONS_XML, skeleton=given).people
    np.testing.assert_array_equal(annotations.people.keypoints, expected.keypoints)
    with pytest.raises(ValueError, match="numbered 1, 2, 3, but skeleton 'mine' has 2"):
        read(body, head, skeleton=Skeleton("mine", ("a", "b")))


def test_a_skeleton_given_must_have_the_labels(read):
    with pytest.raises(ValueError, match="keypoint 'left_tip', which skeleton 'coco17' lacks"):
        read(SKELETONS_XML, skeleton=SKELETONS["coco17"])


def test_shapes_of_many_points_are_people(read):
    shapes = points("1,2;3,4"), points("5,6;7,8") + points("2,2;3,3", extra='group_id="1"')
    box = '<box label="x" xtl="0" ytl="1" xbr="8" ybr="9" occluded="0" group_id="1"/>'
    annotations = read(plain(shapes[0], shapes[1] + box), "")
    people = annotations.people
    assert annotations.skeleton.keypoints == ("1", "2")
    assert people.keypoints.tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[2, 2], [3, 3]]]
    assert people.ids.tolist() == ["0.jpg/0", "1.jpg/0", "1.jpg/1"]
    assert people.boxes.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [0, 1, 8, 9]]


def test_shapes_of_one_point_are_people_by_their_group(read):
    alone = points("1,2", "left_eye") + points("3,4", "right_eye")
    grouped = (
        points("5,6", "right_eye", 'group_id="2"')
        + points("7,8", "left_eye", 'group_id="1"')
        + points("9,1", "left_eye", 'group_id="2"')
    )
    annotations = read(plain(alone, grouped), "")
    assert annotations.skeleton.keypoints == ("left_eye", "right_eye")
    assert annotations.skeleton.pairs == (("left_eye", "right_eye"),)
    people = annotations.people
    assert people.keypoints.tolist() == [[[1, 2], [3, 4]], [[9, 1], [5, 6]], [[7, 8], [0, 0]]]
    assert people.visible.tolist() == [[2, 2], [2, 2], [2, 0]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (plain(points("1,2", "eye") * 2), "image '0.jpg': a person has two keypoints 'eye'"),
        (plain(points("1,2;3,4"), points("1,2;3,4;5,6")), "different numbers of points"),
        (plain(points("1,x", "eye")), "'x' is not a finite number"),
        (plain(points("1,nan", "eye")), "'nan' is not a finite number"),
        (plain(points("1,2,3", "eye")), "is not x,y"),
        (plain(), "it has no keypoint"),
        (plain("<points points='1,2'/>"), "a <points> has no label"),
        (
            plain(points("1,2", "a", 'group_id="1"') + "<box group_id='1' xtl='1'/>"),
            "a <box> has no ytl",
        ),
        (
            plain(
                "<box group_id='1' xtl='1' ytl='1' xbr='2' ybr='2'/>" * 2
                + points("1,2", "a", 'group_id="1"')
            ),
            "group 1 of image '0.jpg' has two boxes",
        ),
        (
            plain('<skeleton label="a"/>', '<skeleton label="b"/>'),
            "skeletons of several labels, a, b",
        ),
        ('<annotations><track id="0"/></annotations>', "export the task as 'CVAT for images 1.1'"),
        ("<html/>", "not an export of CVAT for images"),
        ("<annotations>", "is not whole XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><annotations/>', "declares a DOCTYPE"),
    ],
)
def test_bad_files_are_one_sentence(read, body, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(body, "")
    assert "annotations.xml: " in str(caught.value)


def test_a_drawing_that_links_what_is_no_point(read):
    head = HEAD.replace('data-node-to="3"', 'data-node-to="7"')
    with pytest.raises(ValueError, match="links right_tip and None, but its points are left_tip"):
        read(SKELETONS_XML, head)


def test_a_point_that_the_label_does_not_have(read):
    body = SKELETONS_XML.replace('<points label="palm"', '<points label="wrist"')
    with pytest.raises(ValueError, match="have the points wrist, left_tip, but label 'hand' left_"):
        read(body)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_cvat(tmp_path / "annotations.xml")
