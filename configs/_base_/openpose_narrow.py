model = dict(
    type="BottomUp",
    backbone=dict(type="ConvStack", channels=(24, 48), kernel_size=3, batch_norm=True),
    head=dict(
        type="DensePAFHead",
        num_keypoints=14,
        num_links=14,
        num_stages=(1, 1),
        in_channels=48,
        widths=((24, 64), (24, 64)),
        batch_norm=True,
        loss=dict(type="HeatmapMSE", reduction="sum"),
    ),
)
