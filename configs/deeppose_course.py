_base_ = ["_base_/course.py", "_base_/deeppose.py"]
# DeepPose's cascade, narrow enough to be compared with the others on two CPU cores.
from poseforge.recipes.data import generated_course
from poseforge.recipes.schedule import adamw_cosine

codec = dict(type="Coordinates", input_size=(96, 96))
model = dict(
    views_per_image=4,
    first=dict(
        codec=dict(input_size=(48, 48)),
        backbone=dict(
            _delete_=True, type="ConvStack", channels=(16, 32, 64), kernel_size=3, batch_norm=True
        ),
        head=dict(in_features=64 * 6 * 6, hidden=(256, 256), dropout=0.0),
    ),
)
train_dataloader, val_dataloader, test_dataloader = generated_course(codec)
# Stages 2 and 3 begin with a look at all training people, which takes longer than their training.
train_dataloader["dataset"]["num_people"] = 5000
optim_wrapper, param_scheduler = adamw_cosine(1e-3, warmup_iters=100)
train_cfg = dict(max_iters=2000, phase_starts=(800, 1400), val_interval=200)
