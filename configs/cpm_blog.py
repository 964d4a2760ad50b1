_base_ = ["_base_/run.py"]
# The seed article's Convolutional Pose Machine, with its own changes to the paper's layers.
from poseforge.recipes.data import lsp_of_the_article
from poseforge.recipes.schedule import adam_constant

codec = dict(
    type="Heatmap", input_size=(256, 256), stride=8, sigma_px=12.0, extra="sum", half_stride=False
)
model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="CPMTowers", pool="padded", init_std=None),
    head=dict(
        type="SeedCPMHead",
        num_keypoints=14,
        loss=dict(type="HeatmapMSE", scale=15 * 32 * 32),
    ),
)
train_dataloader, val_dataloader, test_dataloader = lsp_of_the_article(codec)
optim_wrapper, param_scheduler = adam_constant(1e-4)
train_cfg = dict(max_epochs=100, val_interval=1)
