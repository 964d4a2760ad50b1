_base_ = ["_base_/openpose.py"]
# OpenPose (Cao et al., CVPR 2017) on whole images of COCO, from scratch with batch normalisation,
# where the paper begins with VGG-19's weights; docs/models/openpose.md has all departures.
# The form of 2019 is `model.head.type=DensePAFHead`.
from poseforge.recipes.fields import coco_limbs, coco_scenes
from poseforge.recipes.schedule import adamw_cosine

codec = dict(
    type="PartFields",
    input_size=(368, 368),
    stride=8,
    sigma_px=7.0,
    width_px=8.0,
    skeleton="coco17",
    links=coco_limbs(),
)
train_dataloader, val_dataloader, test_dataloader = coco_scenes(codec, batch_size=10)
model = dict(backbone=dict(batch_norm=True), head=dict(batch_norm=True))
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
train_cfg = dict(max_iters=440_000, val_interval=10_000)
metrics = [dict(type="OKSAP")]
