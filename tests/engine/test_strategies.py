import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torchvision
from rich.console import Console
from torch import nn
from torch.distributed.tensor import DTensor

from poseforge.engine import strategies
from poseforge.engine.adapters import RunnerModel
from poseforge.engine.checks import SetupError
from poseforge.engine.config import RunConfig
from poseforge.engine.distributed import World
from poseforge.engine.optim import AutocastOptimWrapper
from poseforge.engine.process_group import joined
from poseforge.engine.strategies import as_validated, blocks, check_strategy, shard, whole
from poseforge.engine.train import train
from poseforge.models.build import build_estimator
from poseforge.models.checkpoints import read_checkpoint
from tests.engine.processes import free_port, run_together
from tests.engine.stopping import StopAt

MakeConfig = Callable[..., RunConfig]
# SGD: Adam's first steps blow the last digits of a gradient up to the size of the step.
SGD = "optim_wrapper.optimizer={'type': 'SGD', 'lr': 0.01, 'momentum': 0.9}"
CLIP = "optim_wrapper.clip_norm=0.5"
FSDP = "train_cfg.strategy='fsdp'"
ALL_OF_IT = "train_dataloader.batch_size=8"  # one process's batch that is two processes' of 4


@pytest.fixture(autouse=True)
def blocks_of_small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests' model have blocks: its convolutions, each by itself."""
    monkeypatch.setattr(strategies, "LEAST", 50)
    monkeypatch.setattr(strategies, "MOST", 60)


@pytest.fixture
def lonely_group(tmp_path: Path):
    """A process group of this process alone."""
    store = dist.FileStore(str(tmp_path / "store"), 1)
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield World()
    dist.destroy_process_group()


def train_in(size: int, config: RunConfig, resume: str | None = None) -> None:
    """Train in several processes."""

    def task(rank: int) -> str:
        train(config, Console(quiet=True), launcher="pytorch", resume=resume)
        return "trained"

    assert run_together(size, task, timeout=200) == ["trained"] * size


def last(config: RunConfig) -> dict:
    return read_checkpoint(Path(config.values["work_dir"]) / "last.pth")


def assert_alike(ours: object, theirs: object, path: str = "") -> None:
    """See that two nested states hold the same, numbers to single precision."""
    assert type(ours) is type(theirs), path
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), path
        for key, value in ours.items():
            assert_alike(value, theirs[key], f"{path}.{key}")
    elif isinstance(ours, torch.Tensor):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6, msg=path)
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=1e-4), path


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_processes_train_and_save_what_one_does_with_their_batches_together(
    make_config: MakeConfig, console: Console, strategy: str
):
    single = make_config(SGD, CLIP, ALL_OF_IT, run="single")
    train(single, console, launcher="none", resume=None)
    double = make_config(SGD, CLIP, f"train_cfg.strategy={strategy!r}", run="double")
    train_in(2, double)
    one, two = last(single), last(double)
    assert one.keys() == two.keys()
    for key in ("state_dict", "skeleton", "codec"):
        assert_alike(one[key], two[key], key)
    for key in ("model", "optimizer", "epoch", "iteration", "global_batch"):
        assert_alike(one["training"][key], two["training"][key], key)
    sizes = [(Path(c.values["work_dir"]) / "best.pth").stat().st_size for c in (single, double)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


@pytest.mark.parametrize(("first", "then"), [("fsdp", None), (None, "fsdp")])
def test_a_run_goes_on_under_another_strategy_and_number_of_processes(
    make_config: MakeConfig, console: Console, first: str | None, then: str | None
):
    straight = make_config(SGD, ALL_OF_IT, run="straight")
    train(straight, console, launcher="none", resume=None)
    for strategy, resume, epochs in ((first, None, 1), (then, "auto", 2)):
        length = f"train_cfg.max_epochs={epochs}"
        if strategy is None:
            config = make_config(SGD, ALL_OF_IT, length, run="other")
            train(config, console, launcher="none", resume=resume)
        else:
            config = make_config(SGD, length, f"train_cfg.strategy={strategy!r}", run="other")
            train_in(2, config, resume)
    assert_alike(last(straight)["training"]["model"], last(config)["training"]["model"])
    assert_alike(last(straight)["training"]["optimizer"], last(config)["training"]["optimizer"])


def test_a_run_goes_on_with_twice_the_batch_from_the_sample_where_it_stopped(
    make_config: MakeConfig, console: Console
):
    # 26 people: 6 batches of 4 an epoch, or 3 of 8.
    config = make_config(SGD, "train_cfg.max_epochs=1", run="run")
    train(config, console, launcher="none", resume=None)
    longer = make_config(SGD, "train_cfg.max_epochs=3", run="run")
    train_in(2, longer, "auto")
    folder = Path(config.values["work_dir"])
    steps = [json.loads(line) for line in (folder / "steps.jsonl").read_text().splitlines()]
    assert [step["iteration"] for step in steps] == list(range(1, 6 + 3 + 3 + 1))
    position = last(longer)["training"]
    assert (position["epoch"], position["iteration"], position["global_batch"]) == (3, 12, 8)


@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_a_run_stopped_within_an_accumulation_window_keeps_all_processes_gradients(
    make_config: MakeConfig, console: Console, strategy: str
):
    window = "optim_wrapper.accumulative_counts=3"
    straight = make_config(SGD, ALL_OF_IT, window, run="straight")
    train(straight, console, launcher="none", resume=None)
    config = make_config(SGD, window, f"train_cfg.strategy={strategy!r}", run="other")
    config.values["custom_hooks"] = [{"type": StopAt, "iteration": 2}]
    train_in(2, config)
    assert len(last(config)["training"]["gradients"]) > 0
    config.values["custom_hooks"] = []
    train_in(2, config, "auto")
    assert_alike(last(straight)["training"]["model"], last(config)["training"]["model"])


@pytest.mark.parametrize(("count", "reductions"), [(1, 8), (4, 2)])
def test_gradients_are_shared_once_an_accumulation_window(
    lonely_group: World, count: int, reductions: int
):
    calls = []

    def count_calls(state: object, bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:
        calls.append(bucket.index())
        future: torch.futures.Future[torch.Tensor] = torch.futures.Future()
        future.set_result(bucket.buffer())
        return future

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 1)

        def forward(self, batch: dict[str, torch.Tensor], mode: str) -> dict[str, torch.Tensor]:
            return {"loss": self.layer(batch["image"]).mean()}

    model = RunnerModel(Model(), torch.device("cpu"), lonely_group)
    model.parallel.register_comm_hook(None, count_calls)
    wrapper = AutocastOptimWrapper(
        torch.optim.SGD(model.parameters(), lr=0.1), device_type="cpu", accumulative_counts=count
    )
    for _ in range(8):
        model.train_step({"image": torch.randn(2, 3)}, wrapper)
    assert len(calls) == reductions


def test_the_blocks_of_resnet50_are_its_stages_where_they_are_small_and_else_their_parts(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(strategies, "LEAST", 500_000)
    monkeypatch.setattr(strategies, "MOST", 10_000_000)
    network = torchvision.models.resnet50()
    names = {module: name for name, module in network.named_modules()}
    # Of 0.2, 1.2, 7.1 and 15.0 million; the last one's bottlenecks have 6.0, 4.5 and 4.5.
    expected = ["layer2", "layer3", "layer4.0", "layer4.1", "layer4.2", "fc"]
    assert [names[block] for block in blocks(network)] == expected


def test_lists_of_blocks_are_not_blocks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(strategies, "MOST", 1000)
    model = nn.ModuleDict({"stages": nn.ModuleList([nn.Linear(10, 10), nn.Linear(2, 2)])})
    assert list(blocks(model)) == [model["stages"][0]]


def test_a_shared_model_is_whole_while_it_is_validated(
    make_config: MakeConfig, lonely_group: World
):
    config = make_config()
    estimator = build_estimator(config.model)
    weights = {name: tensor.clone() for name, tensor in estimator.state_dict().items()}
    shard(estimator, torch.device("cpu"), lonely_group)
    assert all(isinstance(parameter, DTensor) for parameter in estimator.parameters())
    gathered = {name: not isinstance(tensor, DTensor) for name, tensor in weights.items()}
    with as_validated(estimator):
        now = {name: not isinstance(p, DTensor) for name, p in estimator.named_parameters()}
    assert now.items() <= gathered.items()
    assert all(isinstance(parameter, DTensor) for parameter in estimator.parameters())
    for name, tensor in whole(estimator.state_dict()).items():
        assert torch.equal(tensor, weights[name])


def test_every_process_validates_with_the_statistics_that_are_saved():
    def task(rank: int) -> tuple[float, float]:
        with joined("pytorch", "cpu"):
            layer = nn.BatchNorm1d(1)
            layer.running_mean.fill_(rank + 1)
            with as_validated(layer):
                return layer.running_mean.item(), layer.weight.item()

    assert run_together(3, task) == [(1.0, 1.0)] * 3


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ([FSDP], "alone"),
        (["train_cfg.sync_batch_norm=True"], "needs GPUs"),
    ],
)
def test_what_cannot_be_is_refused(make_config: MakeConfig, overrides: list[str], said: str):
    config = make_config(*overrides)
    with pytest.raises(SetupError, match=said):
        check_strategy(config, build_estimator(config.model), torch.device("cpu"))


def test_what_is_not_shared_out_is_refused(make_config: MakeConfig, lonely_group: World):
    averaged = make_config(FSDP, "ema={'momentum': 0.1}")
    estimator = build_estimator(averaged.model)
    with pytest.raises(SetupError, match="ema=None"):
        check_strategy(averaged, estimator, torch.device("cpu"))
    estimator.phases = 2
    with pytest.raises(SetupError, match="phases"):
        check_strategy(make_config(FSDP), estimator, torch.device("cpu"))


@pytest.mark.gpu
@pytest.mark.parametrize(
    "overrides", [[FSDP], [FSDP, "optim_wrapper.amp='fp16'"], ["train_cfg.sync_batch_norm=True"]]
)
def test_a_gpu_trains_alone_under_nccl_as_without(
    make_config: MakeConfig, console: Console, overrides: list[str], monkeypatch: pytest.MonkeyPatch
):
    gpu = ["device='cuda'", "model.backbone.batch_norm=True", SGD, *overrides[1:]]
    alone = make_config(*gpu, run="alone")
    train(alone, console, launcher="none", resume=None)
    numbers = {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_PORT": free_port()}
    for key, value in {**numbers, "MASTER_ADDR": "127.0.0.1"}.items():
        monkeypatch.setenv(key, str(value))
    grouped = make_config(*gpu, *overrides, run="grouped")
    train(grouped, console, launcher="pytorch", resume=None)
    assert_alike(last(alone)["training"]["model"], last(grouped)["training"]["model"])
