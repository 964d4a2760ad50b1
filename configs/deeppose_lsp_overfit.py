_base_ = ["_base_/run.py", "_base_/deeppose.py"]
# Is the chain right? A narrow cascade learns 16 people by heart and is tested on them. Its first
# stage sees a quarter of the crop's resolution and is stopped early: there is something to mend.
from poseforge.recipes.data import lsp_sixteen
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Coordinates", input_size=(128, 128))
model = dict(
    sigma=1.0,
    first=dict(
        codec=dict(input_size=(32, 32)),
        backbone=dict(
            _delete_=True, type="ConvStack", channels=(16, 16, 32), kernel_size=3, batch_norm=True
        ),
        head=dict(in_features=32 * 4 * 4, hidden=(256,), dropout=0.0),
    ),
)
train_dataloader, val_dataloader, test_dataloader = lsp_sixteen(codec)
optim_wrapper, param_scheduler = adamw_cosine(2e-3, warmup_iters=20)
train_cfg = dict(max_iters=700, phase_starts=(50, 400), val_interval=50)
