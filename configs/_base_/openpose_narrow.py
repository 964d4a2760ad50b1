# OpenPose in the form of 2019, narrow enough for a CPU, on residual features in VGG's place: plain
# convolutions of this depth hardly learn in the time that a CPU has.
model = dict(
    type="BottomUp",
    normalize=dict(mean=(123.7, 116.3, 103.5), std=(58.4, 57.1, 57.4)),
    backbone=dict(type="ResidualStages", widths=(24, 48, 96, 160), depths=(2, 2, 2, 2)),
    neck=dict(type="FeaturePyramid", in_channels=(24, 48, 96, 160), width=64),
    head=dict(
        type="DensePAFHead",
        num_keypoints=14,
        num_links=14,
        num_stages=(1, 1),
        in_channels=64,
        widths=((16, 64), (16, 64)),
        batch_norm=True,
        learn_slopes=False,
        loss=dict(type="HeatmapMSE", reduction="sum"),
    ),
)
