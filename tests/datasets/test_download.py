import hashlib
import io
import stat
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from scipy.io import savemat

from poseforge.datasets import LSP
from poseforge.datasets.download import (
    ARCHIVES,
    Archive,
    DownloadError,
    download,
    fetch,
    install,
)
from poseforge.datasets.mat_layout import LSP_LAYOUT


class Handler(BaseHTTPRequestHandler):
    """Serves one file with Range support; may break off, refuse ranges or refuse at all."""

    def do_GET(self):
        server = self.server
        requested = self.headers.get("Range")
        server.requests.append(requested)
        if server.status:
            self.send_error(server.status)
            return
        start = int(requested[len("bytes=") : -1]) if requested and server.ranges else 0
        total = len(server.data)
        if start >= total:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{total}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.send_header("Content-Length", str(total - start))
        self.end_headers()
        end = start + server.break_after if server.break_after else total
        self.wfile.write(server.data[start:end])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.data, server.requests = b"", []
    server.status, server.ranges, server.break_after = 0, True, 0
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def zipped(folder="", joints_shape=(3, 14, 2000), extra=()):
    joints = io.BytesIO()
    savemat(joints, {"joints": np.ones(joints_shape)})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        members.writestr(folder + "joints.mat", joints.getvalue())
        for name in LSP_LAYOUT.image_names():
            members.writestr(f"{folder}images/{name}", b"x" * 50)
        for member, content in extra:
            members.writestr(member, content)
    return packed.getvalue()


def empty_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        members.writestr("README.txt", "moved")
    return packed.getvalue()


@pytest.fixture(scope="module")
def lsp_zip():
    return zipped()


def archive_of(server, sha256=None):
    return Archive("lsp", f"http://127.0.0.1:{server.server_port}/lsp.zip", LSP_LAYOUT, sha256)


def leftovers(root):
    return sorted(path.name for path in root.iterdir())


@pytest.mark.parametrize("folder", ["", "lsp_dataset/"])
def test_a_whole_download_is_a_data_set(server, tmp_path, folder):
    server.data = zipped(folder)
    target = install(archive_of(server), tmp_path / "new")
    assert target == tmp_path / "new" / "lsp"
    assert len(LSP("train", data_root=tmp_path / "new")) == 1000
    assert leftovers(tmp_path / "new") == ["lsp"]
    assert stat.S_IMODE(target.stat().st_mode) & 0o500 == 0o500


def test_a_broken_download_goes_on_where_it_stopped(server, tmp_path, lsp_zip):
    server.data = lsp_zip
    server.break_after = len(lsp_zip) // 2
    with pytest.raises(DownloadError, match="run the command again, it goes on where it stopped"):
        install(archive_of(server), tmp_path)
    there = (tmp_path / "lsp.zip.part").stat().st_size
    assert there == len(lsp_zip) // 2
    server.break_after = 0
    install(archive_of(server, hashlib.sha256(lsp_zip).hexdigest()), tmp_path)
    assert server.requests == [None, f"bytes={there}-"]
    assert leftovers(tmp_path) == ["lsp"]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.data, server.ranges = b"0123456789", False
    (tmp_path / "a.part").write_bytes(b"01234")
    assert fetch(archive_of(server).url, tmp_path / "a.part").read_bytes() == b"0123456789"


def test_a_finished_part_is_not_fetched_again(server, tmp_path):
    server.data = b"0123456789"
    (tmp_path / "a.part").write_bytes(b"0123456789")
    assert fetch(archive_of(server).url, tmp_path / "a.part").read_bytes() == b"0123456789"


def test_a_part_of_another_file_is_thrown_away(server, tmp_path):
    server.data = b"0123456789"
    (tmp_path / "a.part").write_bytes(b"much longer than the file")
    with pytest.raises(DownloadError, match="416"):
        fetch(archive_of(server).url, tmp_path / "a.part")
    assert fetch(archive_of(server).url, tmp_path / "a.part").read_bytes() == b"0123456789"


def test_the_bar_is_there_before_the_server_answers(server, tmp_path, capsys):
    server.data = b"0123456789"
    fetch(archive_of(server).url, tmp_path / "a.part")
    assert "a" in capsys.readouterr().err


def test_a_data_set_that_is_there_is_left_alone(server, fake_root):
    assert install(archive_of(server), fake_root) == fake_root / "lsp"
    assert server.requests == []


def test_half_a_data_set_is_not_taken_for_a_whole_one(server, tmp_path):
    (tmp_path / "lsp").mkdir()
    with pytest.raises(DownloadError, match=r"is not a whole 'lsp': there is no .*joints\.mat"):
        install(archive_of(server), tmp_path)


def test_wrong_checksum_deletes_the_file(server, tmp_path, lsp_zip):
    server.data = lsp_zip
    with pytest.raises(DownloadError, match="instead of 000; the file was deleted"):
        install(archive_of(server, "000"), tmp_path)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("damage", ["page", "middle"])
def test_what_is_no_sound_zip_file_is_deleted(server, tmp_path, lsp_zip, damage):
    middle = len(lsp_zip) // 2
    server.data = {
        "page": b"<html>moved</html>",
        "middle": lsp_zip[:middle] + b"\0" * 200 + lsp_zip[middle + 200 :],
    }[damage]
    with pytest.raises(DownloadError, match="did not give a sound zip file"):
        install(archive_of(server), tmp_path)
    assert leftovers(tmp_path) == []


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "member",
    ["../evil.txt", "images/../../evil.txt", "/evil.txt", "C:\\evil.txt", "..\\evil", link("l")],
    ids=["dots", "deep", "root", "drive", "backslash", "link"],
)
def test_members_that_leave_the_folder_are_refused(server, tmp_path, member):
    root = tmp_path / "data"
    server.data = zipped(extra=[(member, b"/etc/passwd")])
    with pytest.raises(DownloadError, match="written outside its folder; do not use"):
        install(archive_of(server), root)
    assert leftovers(tmp_path) == ["data"]
    assert leftovers(root) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: zipped(joints_shape=(14, 3, 2000)), r"not a whole 'lsp': .*shape \(14, 3, 2000\)"),
        (empty_zip, r"not a whole 'lsp': there is no .*joints\.mat"),
    ],
)
def test_other_contents_are_refused(server, tmp_path, data, message):
    server.data = data()
    with pytest.raises(DownloadError, match=message):
        install(archive_of(server), tmp_path)
    assert leftovers(tmp_path) == []


def test_refusals_and_silence_are_one_sentence(server, tmp_path):
    server.status = 404
    with pytest.raises(DownloadError, match="answers 404 Not Found; look for the file"):
        install(archive_of(server), tmp_path)
    closed = Archive("lsp", "http://127.0.0.1:9/lsp.zip", LSP_LAYOUT)
    with pytest.raises(DownloadError, match=r"cannot be fetched: .*refused.*check the connection"):
        install(closed, tmp_path)


def test_a_full_disk_is_one_sentence(server, tmp_path, lsp_zip, monkeypatch):
    server.data = lsp_zip
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(DownloadError, match=r"needs 0\.8 MB but the disk has 0\.0 MB left; free"):
        install(archive_of(server), tmp_path)


def test_a_place_that_cannot_be_written_is_one_sentence(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match=r"cannot be written to .*choose another folder"):
        install(archive_of(server), tmp_path / "file" / "data")


def test_known_names(tmp_path):
    assert set(ARCHIVES) == {"lsp", "lspet"}
    assert all(archive.url.startswith("https://") for archive in ARCHIVES.values())
    with pytest.raises(ValueError, match="'lps' cannot be downloaded; choose one of lsp, lspet"):
        download("lps", tmp_path)
