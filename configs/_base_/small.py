model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="ConvStack", channels=(16, 32, 64, 128), kernel_size=3, batch_norm=True),
    head=dict(
        type="HeatmapHead",
        in_channels=128,
        num_keypoints=14,
        kernel_size=7,
        widths=(128, 128),
        batch_norm=True,
        loss=dict(type="HeatmapMSE", scale=100.0),
    ),
)
