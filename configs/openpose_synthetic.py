_base_ = ["_base_/openpose_narrow.py"]
# OpenPose on pictures of 1 to 4 generated people: no files needed, and small enough for a CPU. It
# begins with the features of the model that ships, as the paper begins with VGG-19's, and has the
# first stage of 2017. Cells of 4 pixels tell the joints of small people apart.
from poseforge.inference.shipped import shipped_model
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(192, 192),
    stride=4,
    sigma_px=6.0,
    width_px=4.0,
    skeleton="lsp14",
    unlabelled_margin=None,
)
model = dict(
    backbone=dict(widths=(32, 64, 128, 192), depths=(2, 2, 3, 2)),
    neck=dict(in_channels=(32, 64, 128, 192)),
    head=dict(
        _delete_=True,
        type="PAFHead",
        num_keypoints=14,
        num_links=14,
        num_stages=1,
        in_channels=64,
        width=32,
        batch_norm=True,
        loss=dict(type="HeatmapMSE", reduction="sum"),
    ),
)
custom_hooks = [dict(type="StartFrom", checkpoint=str(shipped_model()), parts=("backbone", "neck"))]
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    codec, people=70_000, batch_size=8
)
# Fuller pictures than those of the tests: more to learn from for the same work.
train_dataloader["dataset"]["dataset"]["people"] = (2, 5)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, clip_norm=100.0)
ema = dict(momentum=1e-3)
train_cfg = dict(max_epochs=20, val_interval=1, channels_last=True)
metrics = [dict(type="OKSAP")]
