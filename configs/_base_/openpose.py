model = dict(
    type="BottomUp",
    normalize=dict(mean=(123.7, 116.3, 103.5), std=(58.4, 57.1, 57.4)),
    backbone=dict(type="VGGFront"),
    head=dict(
        type="PAFHead",
        num_keypoints=17,
        num_links=19,
        num_middles=1,
        loss=dict(type="HeatmapMSE", reduction="sum"),
    ),
)
