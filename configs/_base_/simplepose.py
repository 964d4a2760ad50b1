model = dict(
    type="TopDown",
    skeleton="lsp14",
    backbone=dict(type="ConvStack", channels=(128, 128, 256)),
    head=dict(
        type="RegressionHead",
        in_features=256 * 16 * 16,
        num_keypoints=14,
        hidden=(1024, 1024),
        loss=dict(type="SmoothL1"),
    ),
)
