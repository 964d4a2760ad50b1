_base_ = ["_base_/run.py", "_base_/eol.py"]
# Is the chain right? A narrow model learns 16 people by heart, in three phases; tested on them.
from poseforge.recipes.data import lsp_sixteen
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(128, 128), stride=16, sigma_px=12.0)
model = dict(
    backbone=dict(stride=16, width=16, wide=64, batch_norm=True, spatial_dropout=0.0),
    head=dict(in_channels=64, widths=(64, 32), batch_norm=True),
    fine_head=dict(channels=16, window_px=24, sigma_px=2.0, jitter_px=2.0, batch_norm=True),
)
train_dataloader, val_dataloader, test_dataloader = lsp_sixteen(codec)
optim_wrapper, param_scheduler = adamw_cosine(4e-3, warmup_iters=20)
train_cfg = dict(max_iters=350, phase_starts=(150, 250), val_interval=50)
