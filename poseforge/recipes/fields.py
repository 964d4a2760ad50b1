"""OpenPose: its limbs, codec and loaders as config fragments."""

from typing import Any

from poseforge.recipes.data import LSP_FIT, LSP_TEST, LSP_VAL, LSPET, Loaders, loader

Fragment = dict[str, Any]

# Of train2017, chosen so that perfect outputs for 320 x 320 pixels score well: many other images
# have people whose labelled joints no limb joins, and whom no outputs can put together.
SIXTEEN_OF_COCO = (
    "790", "30752", "37666", "84533", "113488", "174375", "183872", "214704",
    "234748", "370162", "442450", "463557", "488571", "535506", "538113", "544238",
)  # fmt: skip
_NECK = ("left_shoulder", "right_shoulder")
_JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "eye", "ear")


def coco_limbs() -> list[Any]:
    """Return OpenPose's 19 limbs of COCO's keypoints; the neck is the middle of the shoulders.

    They are a tree around the neck, and two redundant limbs from the ears to the shoulders (Cao et
    al., CVPR 2017, the released model).
    """
    limbs: list[Any] = [(_NECK, "nose")]
    for side in ("right", "left"):
        shoulder, elbow, wrist, hip, knee, ankle, eye, ear = (f"{side}_{j}" for j in _JOINTS)
        limbs += [(_NECK, shoulder), (shoulder, elbow), (elbow, wrist)]
        limbs += [(_NECK, hip), (hip, knee), (knee, ankle)]
        limbs += [("nose", eye), (eye, ear), (ear, shoulder)]
    return limbs


def scenes(  # noqa: PLR0913 - all that a user may choose
    codec: Fragment,
    datasets: tuple[Fragment, Fragment, Fragment],
    *,
    skeleton: str | Fragment,
    batch_size: int,
    scale: tuple[float, float] = (0.7, 1.8),
    rotate_deg: float = 40.0,
    shift: float = 0.2,
    part: float = 1.0,
    num_workers: int = 2,
    augment: str = "cpu",
) -> Loaders:
    """Return loaders of three data sets of scenes: to train, to validate and to test on.

    Training looks at images at random scales, angles and places, mirrored or not; validation and
    test at the whole of each.

    Args:
        codec: The codec's config.
        datasets: The three.
        skeleton: Theirs: a known name, or the fields of one's own.
        batch_size: Images a step and process.
        scale: Range of how large an image is relative to the input.
        rotate_deg: An image is turned by at most this much, either way.
        shift: What is looked at moves by at most this part of its longer side along each axis.
        part: Sides of what training looks at relative to the input's; below 1 parts of images.
        num_workers: Processes that prepare images.
        augment: Where training's pixels are augmented: "cpu" or "device".
    """
    size = codec["input_size"]
    crop: Fragment = {
        "type": "RandomCrop",
        "size": tuple(round(part * side) for side in size),
        "padding": 1.0,
        "scale": tuple(zoom / part for zoom in scale),
        "rotate_deg": rotate_deg,
        "shift": shift,
    }
    flip = {"type": "Flip", "skeleton": skeleton}
    train = [crop, flip, {"type": "ColorJitter"}]
    whole = [{"type": "Crop", "size": size, "padding": 1.0}]
    fit, val, tested = datasets
    sizes: Fragment = {"batch_size": batch_size, "num_workers": num_workers}
    return (
        loader(fit, train, augment=augment, **sizes),
        loader(val, whole, **sizes),
        loader(tested, whole, **sizes),
    )


def coco_scenes(codec: Fragment, **options: Any) -> Loaders:
    """Return loaders of COCO's images: train on train2017, validate and test on val2017.

    Args:
        codec: The codec's config.
        options: `batch_size` and more of `scenes`.
    """
    people, val = ({"type": "CocoKeypoints", "split": split} for split in ("train", "val"))
    return scenes(codec, _scenes_of(people, val, val), skeleton="coco17", **options)


def lsp_scenes(codec: Fragment, **options: Any) -> Loaders:
    """Return loaders of whole images: train on LSP and LSPET, validate and test on LSP.

    One person of each image is labelled. Others, whom some images show, count as background.

    Args:
        codec: The codec's config.
        options: `batch_size` and more of `scenes`.
    """
    people = {"type": "Combined", "datasets": [LSP_FIT, LSPET]}
    return scenes(codec, _scenes_of(people, LSP_VAL, LSP_TEST), skeleton="lsp14", **options)


def _scenes_of(*datasets: Fragment) -> tuple[Fragment, Fragment, Fragment]:
    """Return the scenes of three data sets; training has no images of nobody."""
    fit, val, tested = ({"type": "Scenes", "dataset": dataset} for dataset in datasets)
    return {**fit, "empty_images": False}, val, tested


def coco_sixteen(codec: Fragment) -> Loaders:
    """Return loaders of 16 images of COCO with 40 people to learn by heart and to be tested on.

    Args:
        codec: The codec's config.
    """
    people = {"type": "CocoKeypoints", "split": "train"}
    images = {"type": "Scenes", "dataset": people, "images": SIXTEEN_OF_COCO}
    whole = [{"type": "Crop", "size": codec["input_size"], "padding": 1.0}]
    same = loader(images, whole, batch_size=4, num_workers=0)
    return same, same, same


def synthetic_scenes(  # noqa: PLR0913 - all that a user may choose
    codec: Fragment,
    *,
    people: int,
    batch_size: int,
    per_picture: tuple[int, int] = (1, 4),
    train_per_picture: tuple[int, int] | None = None,
    size: int = 192,
    shift: float = 0.1,
    part: float = 1.0,
    num_workers: int = 1,
) -> Loaders:
    """Return loaders of pictures of generated people; tests show others than training.

    Args:
        codec: The codec's config.
        people: How many people to train on.
        batch_size: Pictures a step and process.
        per_picture: How many people a picture has at least and at most.
        train_per_picture: The same of the pictures of training; None is as many.
        size: Side of the pictures, pixels.
        shift: As in `scenes`.
        part: As in `scenes`.
        num_workers: Processes that draw.
    """

    def drawn(count: int, seed: int, together: tuple[int, int] = per_picture) -> Fragment:
        people = {"num_people": count, "people": together, "seed": seed, "size": size}
        return {"type": "SyntheticScenes", "dataset": {"type": "SyntheticPeople", **people}}

    return scenes(
        codec,
        (drawn(people, 0, train_per_picture or per_picture), drawn(250, 1), drawn(500, 2)),
        skeleton="lsp14",
        batch_size=batch_size,
        scale=(0.8, 1.3),
        rotate_deg=20.0,
        shift=shift,
        part=part,
        num_workers=num_workers,
    )
