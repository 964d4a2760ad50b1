# A network of 2.3 M parameters whose training two CPU cores finish in hours: residual stages, their
# features added up from the coarsest to the finest, and heatmaps of a quarter of the size.
model = dict(
    type="TopDown",
    skeleton="lsp14",
    normalize=dict(mean=(123.7, 116.3, 103.5), std=(58.4, 57.1, 57.4)),
    backbone=dict(type="ResidualStages", widths=(32, 64, 128, 192), depths=(2, 2, 3, 2)),
    neck=dict(type="FeaturePyramid", in_channels=(32, 64, 128, 192), width=64),
    head=dict(
        type="HeatmapHead",
        in_channels=64,
        num_keypoints=14,
        kernel_size=3,
        widths=(64,),
        batch_norm=True,
        loss=dict(type="HeatmapMSE", scale=100.0),
    ),
)
