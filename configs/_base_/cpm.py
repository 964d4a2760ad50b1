model = dict(
    type="TopDown",
    skeleton="lsp14",
    normalize=dict(mean=(128, 128, 128), std=(256, 256, 256), bgr=True),
    backbone=dict(type="CPMTowers"),
    head=dict(
        type="CPMHead",
        num_keypoints=14,
        num_stages=6,
        loss=dict(type="HeatmapMSE", reduction="sum"),
    ),
)
