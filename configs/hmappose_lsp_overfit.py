_base_ = ["_base_/run.py", "_base_/hmappose.py"]
# Is the chain right? A narrow HmapPose learns 16 people by heart and is tested on them.
from poseforge.recipes.data import lsp_sixteen
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(128, 128), stride=8, sigma_px=8.0, extra="sum")
model = dict(
    backbone=dict(channels=(16, 16, 32), batch_norm=True),
    head=dict(in_channels=32, widths=(64, 32), batch_norm=True, loss=dict(scale=100.0)),
)
train_dataloader, val_dataloader, test_dataloader = lsp_sixteen(codec)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, warmup_iters=20)
train_cfg = dict(max_iters=400, val_interval=100)
