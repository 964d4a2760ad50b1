_base_ = ["_base_/run.py", "_base_/deeppose.py"]
# DeepPose's cascade with a ResNet-50 in place of its network, and today's training.
from poseforge.recipes.data import lsp
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Coordinates", input_size=(448, 448))
model = dict(
    views_per_image=2,
    first=dict(
        normalize=dict(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375)),
        codec=dict(input_size=(224, 224)),
        backbone=dict(
            _delete_=True, type="TorchvisionBackbone", name="resnet50", nodes=("avgpool",)
        ),
        head=dict(in_features=2048, hidden=(), dropout=0.0, loss=dict(type="SmoothL1")),
    ),
)
train_dataloader, val_dataloader, test_dataloader = lsp(codec, batch_size=64)
optim_wrapper, param_scheduler = adamw_cosine(5e-4)
train_cfg = dict(max_epochs=400, phase_starts=(200, 300), val_interval=5)
