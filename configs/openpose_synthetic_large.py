_base_ = ["openpose_synthetic.py"]
# What openpose_synthetic.py has learnt, on the same pictures enlarged to 512 pixels: it learns on
# from parts of half of a side, and the finest features stay as they are.
from poseforge.recipes.fields import synthetic_scenes
from poseforge.recipes.schedule import adamw_cosine

model = dict(backbone=dict(frozen_stages=2))
codec = dict(_base_.codec, input_size=(512, 512))
train_dataloader, val_dataloader, test_dataloader = synthetic_scenes(
    codec, people=350_000, batch_size=16, size=384, part=1 / 2, shift=0.25
)
train_dataloader["dataset"]["dataset"]["people"] = (2, 5)
custom_hooks = [dict(type="StartFrom", checkpoint="work_dirs/openpose_synthetic/best.pth")]
optim_wrapper, param_scheduler = adamw_cosine(1e-3, clip_norm=100.0)
train_cfg = dict(max_iters=4400, val_interval=1100)
