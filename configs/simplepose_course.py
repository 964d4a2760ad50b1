_base_ = ["_base_/course.py", "_base_/simplepose.py"]
# SimplePose, narrow enough to be compared with the others on two CPU cores.
from poseforge.recipes.data import generated_course
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Coordinates", input_size=(96, 96))
model = dict(
    backbone=dict(channels=(16, 32, 64, 128), batch_norm=True),
    head=dict(in_features=128 * 6 * 6, hidden=(256, 256)),
)
train_dataloader, val_dataloader, test_dataloader = generated_course(codec)
optim_wrapper, param_scheduler = adamw_cosine(1e-3, warmup_iters=100)
train_cfg = dict(max_iters=2000, val_interval=500)
