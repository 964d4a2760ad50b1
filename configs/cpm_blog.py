_base_ = ["hmappose_blog.py"]
# The seed article's Convolutional Pose Machine, with its own changes to the paper's layers.
codec = dict(sigma_px=12.0)
model = dict(
    backbone=dict(_delete_=True, type="CPMTowers", pool="padded", init_std=None),
    head=dict(
        _delete_=True,
        type="SeedCPMHead",
        num_keypoints=14,
        loss=dict(type="HeatmapMSE", scale=15 * 32 * 32),
    ),
)
train_cfg = dict(max_epochs=100)
