_base_ = ["_base_/run.py", "_base_/deeppose.py"]
# DeepPose's three stages on generated people: no files needed.
from poseforge.recipes.data import synthetic

codec = dict(type="Coordinates", input_size=(288, 288))
model = dict(views_per_image=4)
train_dataloader, val_dataloader, test_dataloader = synthetic(
    codec, people=20_000, batch_size=64, size=288
)
optim_wrapper = dict(optimizer=dict(type="Adagrad", lr=5e-4))
train_cfg = dict(max_epochs=60, phase_starts=(20, 40), val_interval=2)
