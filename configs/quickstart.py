_base_ = ["_base_/run.py"]
# Two CPU cores, no downloads, a few minutes: a small two-stage machine learns generated people.
from poseforge.recipes.data import synthetic
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Heatmap", input_size=(128, 128), stride=4, sigma_px=6.0)
model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="ConvStack", channels=(32, 64), batch_norm=True),
    head=dict(
        type="HeatmapHead",
        in_channels=64,
        num_keypoints=14,
        batch_norm=True,
        widths=(128, 64),
        loss=dict(type="HeatmapMSE", scale=100.0),
    ),
)
train_dataloader, val_dataloader, test_dataloader = synthetic(codec, people=4_000, batch_size=32)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, warmup_iters=50)
train_cfg = dict(max_epochs=4, val_interval=1)
