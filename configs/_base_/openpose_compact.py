# OpenPose with two stages of 2017 on features of the model that ships, as the paper has VGG's.
# Those of a quarter of the size are left out: cells are of 8 pixels, as in the paper.
model = dict(
    type="BottomUp",
    normalize=dict(mean=(123.7, 116.3, 103.5), std=(58.4, 57.1, 57.4)),
    backbone=dict(type="ResidualStages", widths=(32, 64, 128, 192), depths=(2, 2, 3, 2)),
    neck=dict(type="FeaturePyramid", in_channels=(64, 128, 192), width=128, blocks=8),
    head=dict(
        type="PAFHead",
        num_keypoints=14,
        num_links=14,
        num_stages=2,
        in_channels=128,
        width=64,
        batch_norm=True,
        fields_weight=0.25,
        loss=dict(type="HeatmapMSE", reduction="sum"),
    ),
)
custom_hooks = [dict(type="StartFrom", parts=("backbone",))]
