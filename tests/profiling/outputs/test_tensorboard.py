import gzip
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from poseforge.profiling.outputs.tensorboard import write_tensorboard
from tests.profiling.made_up_profile import cpm_profile


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace by torch.profiler, with what the plug-in's view of stacks needs."""
    if find_spec("torch_tb_profiler") is None:
        pytest.skip("needs torch-tb-profiler, the extra `profile`")
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


def test_a_run_is_replaced_and_nothing_of_the_older_one_stays(tmp_path: Path) -> None:
    plain, packed = tmp_path / "t.pt.trace.json", tmp_path / "t.pt.trace.json.gz"
    plain.write_text('{"traceEvents": []}')
    packed.write_bytes(gzip.compress(b"{}"))
    run = write_tensorboard(cpm_profile("cpu"), tmp_path / "log", trace=packed)
    assert (run / "rank0.pt.trace.json.gz").read_bytes() == packed.read_bytes()
    write_tensorboard(cpm_profile("cuda"), tmp_path / "log", trace=plain)
    names = sorted(path.name for path in run.iterdir())
    assert len(names) == 2
    assert names[0].startswith("events.")
    assert names[1] == "rank0.pt.trace.json"
    assert (run / names[1]).read_text() == plain.read_text()
    step = events(run).Scalars("profile/step_ms")[0].value
    assert step == pytest.approx(1e3 * cpm_profile("cuda").step_s.median)


def test_a_trace_that_is_not_there_leaves_the_older_run(tmp_path: Path) -> None:
    run = write_tensorboard(cpm_profile("cpu"), tmp_path)
    before = sorted(run.iterdir())
    with pytest.raises(FileNotFoundError):
        write_tensorboard(cpm_profile("cuda"), tmp_path, trace=tmp_path / "none.json")
    assert sorted(run.iterdir()) == before


@pytest.fixture
def tensorboard(tmp_path: Path, trace: Path) -> Iterator[str]:
    """The address of `tensorboard --logdir` with a run."""
    write_tensorboard(cpm_profile("cpu"), tmp_path, trace=trace)
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(tmp_path), "--port", "0"]
    log = tmp_path / "server.txt"
    with log.open("w") as output, subprocess.Popen(command, stderr=output) as server:
        try:
            while not (found := re.search(r"at (http://\S+)", log.read_text())):
                assert server.poll() is None, log.read_text()
                time.sleep(0.2)
            yield found[1]
        finally:
            server.terminate()


def test_the_profilers_plug_in_serves_the_run(tensorboard: str) -> None:
    def ask(place: str, **query: str) -> Any:
        address = f"{tensorboard}data/plugin/pytorch_profiler/{place}?{urlencode(query)}"
        with urlopen(address, timeout=30) as answer:  # an answer other than 200 is an HTTPError
            content = answer.read()
        text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        return json.loads(text)

    end = time.monotonic() + 60
    while not ask("runs")["runs"] and time.monotonic() < end:
        time.sleep(0.1)
    assert ask("runs")["runs"] == ["cpm_lsp"]
    assert {"Overview", "Operator", "Trace"} <= set(ask("views", run="cpm_lsp"))
    assert ask("workers", run="cpm_lsp", view="Operator") == ["rank0"]
    place = {"run": "cpm_lsp", "worker": "rank0"}
    place["span"] = str(ask("spans", **place)[0])
    assert ask("overview", **place, view="Overview")["steps"]
    operations = {**place, "view": "Operator", "group_by": "Operation"}
    table = ask("operation/table", **operations)["data"]
    calls = {row["name"]: row["calls"] for row in table}
    assert (calls["aten::conv2d"], calls["aten::relu"]) == (2, 1)
    assert ask("operation/stack", **operations, op_name="aten::conv2d")
    traced = {event.get("name") for event in ask("trace", **place)["traceEvents"]}
    assert "aten::conv2d" in traced
