model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="ConvStack", channels=(128, 128, 128)),
    head=dict(
        type="HeatmapHead",
        in_channels=128,
        num_keypoints=14,
        extra_channels=1,
        widths=(512, 256, 256),
        tanh=True,
        loss=dict(type="HeatmapMSE"),
    ),
)
