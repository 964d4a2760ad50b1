_base_ = ["_base_/run.py", "_base_/cpm.py"]
# Is the chain right? A narrow machine of three stages learns 16 people by heart, tested on them.
from poseforge.recipes.data import lsp_sixteen
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(128, 128), stride=8, sigma_px=8.0, extra="background")
model = dict(
    backbone=dict(width=16, batch_norm=True),
    head=dict(num_stages=3, width=16, batch_norm=True),
)
train_dataloader, val_dataloader, test_dataloader = lsp_sixteen(codec)
optim_wrapper, param_scheduler = adamw_cosine(4e-3, warmup_iters=20)
train_cfg = dict(max_iters=400, val_interval=100)
