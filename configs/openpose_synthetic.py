_base_ = ["_base_/openpose_narrow.py"]
# A narrow OpenPose in the form of 2019 on pictures of 1 to 4 generated people: no files needed, and
# small enough for a CPU. Cells of 4 pixels tell the joints of small people apart.
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(192, 192),
    stride=4,
    sigma_px=4.0,
    width_px=4.0,
    skeleton="lsp14",
    unlabelled_margin=None,
)
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    codec, people=20_000, batch_size=8
)
optim_wrapper, param_scheduler = adamw_cosine(3e-3, clip_norm=100.0)
train_cfg = dict(max_epochs=10, val_interval=1)
metrics = [dict(type="OKSAP")]
