"""Loaders of the data sets: people, crops and augmentation for a codec's input size."""

from typing import Any

Fragment = dict[str, Any]
Loaders = tuple[Fragment, Fragment, Fragment]

LSP_FIT = {"type": "LSP", "split": "fit"}
LSP_VAL = {"type": "LSP", "split": "val"}
LSP_TEST = {"type": "LSP", "split": "test"}
LSPET = {"type": "LSPExtended"}


def crops(codec: Fragment, *, padding: float = 1.25) -> list[Fragment]:
    """Return the transforms of validation and test: a crop around the box."""
    return [{"type": "Crop", "size": codec["input_size"], "padding": padding}]


def augmented_crops(
    codec: Fragment,
    *,
    skeleton: str | Fragment = "lsp14",
    padding: float = 1.25,
    scale: tuple[float, float] = (0.7, 1.3),
    rotate_deg: float = 40.0,
    shift: float = 0.1,
    color: bool = True,
) -> list[Fragment]:
    """Return the transforms of training: a crop at random scale, angle and place, mirrored or not.

    The defaults for scale and angle are those of the CPM release.
    """
    crop = {
        "type": "RandomCrop",
        "size": codec["input_size"],
        "padding": padding,
        "scale": scale,
        "rotate_deg": rotate_deg,
        "shift": shift,
    }
    photometric = [{"type": "ColorJitter"}] if color else []
    return [crop, {"type": "Flip", "skeleton": skeleton}, *photometric]


def loader(
    dataset: Fragment,
    transforms: list[Fragment],
    *,
    batch_size: int,
    num_workers: int = 2,
    augment: str = "cpu",
) -> Fragment:
    """Return one loader; with `augment="device"` its pixels are made on the device."""
    return {
        "dataset": dataset,
        "transforms": transforms,
        "batch_size": batch_size,
        "num_workers": num_workers,
        "augment": augment,
    }


def crops_of(
    codec: Fragment,
    datasets: tuple[Fragment, Fragment, Fragment],
    *,
    skeleton: str | Fragment,
    batch_size: int,
    train: list[Fragment] | None = None,
    test: list[Fragment] | None = None,
    num_workers: int = 2,
    augment: str = "cpu",
) -> Loaders:
    """Return loaders of any three data sets: to train, to validate and to test on.

    Args:
        codec: The codec's config.
        datasets: The three.
        skeleton: Theirs: a known name, or the fields of one's own.
        batch_size: Samples a step and process.
        train: Training transforms; None is `augmented_crops`.
        test: Validation and test transforms; None is `crops`.
        num_workers: Processes that prepare samples.
        augment: Where training's pixels are augmented: "cpu" or "device".
    """
    fit, val, tested = datasets
    sizes: Fragment = {"batch_size": batch_size, "num_workers": num_workers}
    train = augmented_crops(codec, skeleton=skeleton) if train is None else train
    test = crops(codec) if test is None else test
    return (
        loader(fit, train, augment=augment, **sizes),
        loader(val, test, **sizes),
        loader(tested, test, **sizes),
    )


def lsp(
    codec: Fragment,
    *,
    batch_size: int,
    train: list[Fragment] | None = None,
    test: list[Fragment] | None = None,
    lsp_ratio: float = 1.0,
    num_workers: int = 2,
    augment: str = "cpu",
) -> Loaders:
    """Return loaders: train on LSP and LSPET, validate on LSP's last 100, test on its test half.

    Args:
        codec: The codec's config.
        batch_size: Samples a step and process.
        train: Training transforms; None is `augmented_crops`.
        test: Validation and test transforms; None is `crops`.
        lsp_ratio: How often the clean 900 of LSP come for each time of LSPET's crowd-sourced ones.
        num_workers: Processes that prepare samples.
        augment: Where training's pixels are augmented: "cpu" or "device".
    """
    people = {"type": "Combined", "datasets": [LSP_FIT, LSPET], "ratios": [lsp_ratio, 1.0]}
    return crops_of(
        codec,
        (people, LSP_VAL, LSP_TEST),
        skeleton="lsp14",
        batch_size=batch_size,
        train=train,
        test=test,
        num_workers=num_workers,
        augment=augment,
    )


def lsp_packed(
    codec: Fragment, *, folder: str = "packed", lsp_ratio: float = 1.0, **options: Any
) -> Loaders:
    """Return the loaders of `lsp`, with people that `poseforge data pack` has packed.

    Args:
        codec: The codec's config.
        folder: Where the parts are, counted from the folder of all data sets.
        lsp_ratio: As of `lsp`.
        options: `batch_size` and more of `crops_of`.
    """
    fit, extended, val, test = (
        {"type": "PackedCrops", "part": part, "folder": folder}
        for part in ("lsp_fit", "lspet_train", "lsp_val", "lsp_test")
    )
    people = {"type": "Combined", "datasets": [fit, extended], "ratios": [lsp_ratio, 1.0]}
    return crops_of(codec, (people, val, test), skeleton="lsp14", **options)


def mpii(codec: Fragment, **options: Any) -> Loaders:
    """Return loaders of MPII: train on its training people, validate and test on the 2958.

    Labels of the test images are not public, so that published validation scores are those of the
    best checkpoint on the same people, here as elsewhere.

    Args:
        codec: The codec's config.
        options: `batch_size` and more of `crops_of`.
    """
    people, valid = ({"type": "MPII", "split": split} for split in ("train", "valid"))
    return crops_of(codec, (people, valid, valid), skeleton="mpii16", **options)


def flic(codec: Fragment, **options: Any) -> Loaders:
    """Return loaders of FLIC: validate on films left out of the training people, test on its test.

    Args:
        codec: The codec's config.
        options: `batch_size` and more of `crops_of`.
    """
    fit, val, tested = ({"type": "FLIC", "split": split} for split in ("fit", "val", "test"))
    return crops_of(codec, (fit, val, tested), skeleton="flic11", **options)


def coco(codec: Fragment, *, detections: str | None = None, **options: Any) -> Loaders:
    """Return loaders of COCO keypoints: train on train2017, validate and test on val2017.

    Args:
        codec: The codec's config.
        detections: A detector's results for val2017, whose boxes are tested on; None tests on the
            annotated ones. Validation is on the annotated ones in any case.
        options: `batch_size` and more of `crops_of`.
    """
    people, val = ({"type": "CocoKeypoints", "split": split} for split in ("train", "val"))
    tested = val if detections is None else {**val, "detections": detections}
    return crops_of(codec, (people, val, tested), skeleton="coco17", **options)


def lsp_of_the_article(codec: Fragment, *, batch_size: int = 8, num_workers: int = 2) -> Loaders:
    """Return loaders in the seed article's regime: LSPET, whole images squeezed, no augmentation.

    Args:
        codec: The codec's config.
        batch_size: Samples a step and process.
        num_workers: Processes that prepare samples.
    """
    squeezed = [{"type": "Read"}, {"type": "Stretch", "size": codec["input_size"]}]
    sizes: Fragment = {"batch_size": batch_size, "num_workers": num_workers}
    return (
        loader(LSPET, squeezed, **sizes),
        loader(LSP_VAL, squeezed, **sizes),
        loader(LSP_TEST, squeezed, **sizes),
    )


def lsp_sixteen(codec: Fragment) -> Loaders:
    """Return loaders of 16 people of LSP to learn by heart and to be tested on.

    A chain from pictures to points that is right at every link scores close to 100 on them.

    Args:
        codec: The codec's config.
    """
    people = {
        "type": "Combined",
        "datasets": [{"type": "LSP", "split": "train"}],
        "ratios": [0.016],
    }
    same = loader(people, crops(codec), batch_size=16, num_workers=0)
    return same, same, same


def synthetic(
    codec: Fragment,
    *,
    people: int,
    batch_size: int,
    size: int = 160,
    num_workers: int = 1,
    train: list[Fragment] | None = None,
    augment: str = "cpu",
) -> Loaders:
    """Return loaders of generated people; validation and test people are other than training's.

    Args:
        codec: The codec's config.
        people: How many to train on.
        batch_size: Samples a step and process.
        size: Side of the pictures, pixels.
        num_workers: Processes that draw.
        train: Training transforms; None is `augmented_crops`.
        augment: Where training's pixels are augmented: "cpu" or "device".
    """

    def drawn(count: int, seed: int) -> Fragment:
        return {"type": "SyntheticPeople", "num_people": count, "seed": seed, "size": size}

    sizes: Fragment = {"batch_size": batch_size, "num_workers": num_workers}
    train = augmented_crops(codec) if train is None else train
    return (
        loader(drawn(people, 0), train, augment=augment, **sizes),
        loader(drawn(200, 1), crops(codec), **sizes),
        loader(drawn(500, 2), crops(codec), **sizes),
    )


def generated_course(codec: Fragment) -> Loaders:
    """Return loaders of small generated people, on which models are compared on a CPU.

    Args:
        codec: The codec's config.
    """
    mild = augmented_crops(codec, scale=(0.9, 1.1), rotate_deg=10.0, shift=0.05, color=False)
    return synthetic(codec, people=20_000, size=128, batch_size=16, train=mild)
