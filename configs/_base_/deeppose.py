model = dict(
    type="Cascade",
    skeleton="lsp14",
    stages=3,
    sigma=2.0,
    first=dict(
        normalize=dict(mean=(128, 128, 128), std=(128, 128, 128)),
        codec=dict(type="Coordinates", input_size=(220, 220), centered=True),
        backbone=dict(type="AlexNet"),
        head=dict(
            type="RegressionHead",
            in_features=256 * 6 * 6,
            num_keypoints=14,
            hidden=(4096, 4096),
            dropout=0.6,
            loss=dict(type="CoordinateMSE"),
        ),
    ),
)
