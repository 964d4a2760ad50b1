import json
from pathlib import Path

from poseforge.profiling.outputs.folder import write_folder
from tests.profiling.made_up_profile import cpm_profile


def test_a_folder_holds_all_outputs_and_a_second_profile_replaces_them(tmp_path: Path) -> None:
    trace = tmp_path / "t.pt.trace.json"
    trace.write_text("{}")
    out = tmp_path / "out"
    for device in ("cpu", "cuda"):
        write_folder(cpm_profile(device), out, trace=trace)  # type: ignore[arg-type]
        names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
        assert names[:3] == ["layers.csv", "profile.html", "profile.json"]
        assert [Path(name).parent.name for name in names[3:]] == ["cpm_lsp"] * 2
        found = json.loads((out / "profile.json").read_text(encoding="utf-8"))
        assert found["settings"]["device"] == device
        assert f'"device": "{device}"' in (out / "profile.html").read_text(encoding="utf-8")
