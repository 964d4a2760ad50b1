import gzip
import json
import logging
from pathlib import Path
from urllib.parse import urlencode

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from poseforge.profiling.outputs.tensorboard import write_tensorboard
from tests.profiling.made_up_profile import cpm_profile


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace by torch.profiler, with what the plug-in's view of stacks needs."""
    path = tmp_path_factory.mktemp("trace") / "tiny.pt.trace.json"
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    verbose = torch._C._profiler._ExperimentalConfig(verbose=True)
    with torch.profiler.profile(with_stack=True, experimental_config=verbose) as profiler:
        model(torch.rand(1, 3, 16, 16)).sum().backward()
    profiler.export_chrome_trace(str(path))
    return path


def events(run: Path) -> EventAccumulator:
    read = EventAccumulator(str(run), size_guidance={"scalars": 0, "tensors": 0})
    return read.Reload()


def test_tensorboard_reads_the_layers_times(tmp_path: Path) -> None:
    profile = cpm_profile("cuda")
    run = write_tensorboard(profile, tmp_path)
    assert run == tmp_path / "cpm_lsp"
    read = events(run)
    own = {
        tag: read.Scalars(tag)[0].value
        for tag in read.Tags()["scalars"]
        if tag.startswith("own_ms/")
    }
    assert len(own) == len(profile.layers)
    assert sum(own.values()) == pytest.approx(1e3 * profile.layers_s, rel=1e-5)
    assert read.Scalars("profile/images_per_s")[0].value == pytest.approx(
        16 / profile.step_s.median
    )
    text = read.Tensors("profile/layers/text_summary")[0].tensor_proto.string_val[0].decode()
    assert all(f"| {layer.name} |" in text for layer in profile.layers)


def test_a_run_is_replaced_and_nothing_of_the_older_one_stays(tmp_path: Path, trace: Path) -> None:
    packed = tmp_path / "t.pt.trace.json.gz"
    packed.write_bytes(gzip.compress(trace.read_bytes()))
    run = write_tensorboard(cpm_profile("cpu"), tmp_path / "log", trace=packed)
    assert [path.suffix for path in sorted(run.iterdir()) if "trace" in path.name] == [".gz"]
    write_tensorboard(cpm_profile("cuda"), tmp_path / "log", trace=trace)
    names = sorted(path.name for path in run.iterdir())
    assert len(names) == 2
    assert names[0].startswith("events.")
    assert names[1] == "rank0.pt.trace.json"
    assert json.loads((run / names[1]).read_text()) == json.loads(trace.read_text())
    step = events(run).Scalars("profile/step_ms")[0].value
    assert step == pytest.approx(1e3 * cpm_profile("cuda").step_s.median)


@pytest.mark.filterwarnings("ignore")  # the plug-in is of 2023
def test_the_profilers_plug_in_serves_the_run(tmp_path: Path, trace: Path) -> None:
    plugin = pytest.importorskip("torch_tb_profiler.plugin")
    from tensorboard.backend.application import TensorBoardWSGIApp
    from tensorboard.plugins.base_plugin import TBContext
    from werkzeug.test import Client

    write_tensorboard(cpm_profile("cpu"), tmp_path, trace=trace)
    logging.disable(logging.WARNING)
    served = plugin.TorchProfilerPlugin(TBContext(logdir=str(tmp_path), flags=None))
    try:
        assert_served(Client(TensorBoardWSGIApp([served])))
    finally:
        logging.disable(logging.NOTSET)


def assert_served(client) -> None:  # type: ignore[no-untyped-def]
    def ask(place: str, **query: str):  # type: ignore[no-untyped-def]
        answer = client.get(f"/data/plugin/pytorch_profiler/{place}?{urlencode(query)}")
        assert answer.status_code == 200, (place, answer.status_code)
        return answer

    def runs() -> list[str]:
        return ask("runs").json["runs"]

    assert wait_for(runs) == ["cpm_lsp"]
    run = {"run": "cpm_lsp", "worker": "rank0"}
    assert ask("workers", run="cpm_lsp", view="Overview").json == ["rank0"]
    assert {"Overview", "Operator", "Trace"} <= set(ask("views", run="cpm_lsp").json)
    span = ask("spans", **run).json[0]
    table = ask("operation/table", **run, span=span, group_by="Operation").json["data"]
    calls = {row["name"]: row["calls"] for row in table}
    assert calls["aten::conv2d"] == 2
    assert calls["aten::relu"] == 1
    stacks = {**run, "span": span, "group_by": "Operation", "op_name": "aten::conv2d"}
    assert ask("operation/stack", **stacks).json["data"]
    assert b"aten::conv2d" in gunzip(ask("trace", **run, span=span).data)
