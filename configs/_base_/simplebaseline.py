# Simple baselines (Xiao et al., ECCV 2018) with ResNet-50, as its authors train it: Adam at 1e-3,
# a tenth of that from epoch 170 on and a hundredth from 200 on, of 210. ImageNet's weights, with
# which they begin, are an override: model.backbone.weights=IMAGENET1K_V1 downloads them.
model = dict(
    type="TopDown",
    skeleton="coco17",
    normalize=dict(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375)),
    backbone=dict(type="TorchvisionBackbone", name="resnet50"),
    neck=dict(type="Deconvolutions", in_channels=2048),
    head=dict(
        type="HeatmapHead",
        in_channels=256,
        num_keypoints=17,
        widths=(),
        kernel_size=1,
        loss=dict(type="HeatmapMSE"),
    ),
)
optim_wrapper = dict(optimizer=dict(type="Adam", lr=1e-3))
param_scheduler = dict(type="step", milestones=(170 / 210, 200 / 210))
train_cfg = dict(max_epochs=210, val_interval=10)
