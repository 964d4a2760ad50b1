model = dict(
    type="CoarseToFine",
    skeleton="lsp14",
    # Dropout of 0.5 is the usual one of its reimplementations; the paper's is not known to us.
    backbone=dict(type="MultiResolutionBanks", stride=8, spatial_dropout=0.5),
    head=dict(
        type="HeatmapHead",
        in_channels=512,
        num_keypoints=14,
        kernel_size=1,
        widths=(256, 256),
        loss=dict(type="HeatmapMSE", reduction="sum"),
    ),
    fine_head=dict(
        type="WindowHead",
        num_keypoints=14,
        jitter_px=4.0,
        loss=dict(type="HeatmapMSE", reduction="sum", scale=0.1),  # the paper's lambda
    ),
)
