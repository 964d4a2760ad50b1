import hashlib
import http.client
import logging
import re
import shutil
import ssl
import stat
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from poseforge.datasets.mat_layout import (
    LSP_LAYOUT,
    LSPET_LAYOUT,
    Layout,
    check_images,
    read_joints,
)

logger = logging.getLogger(__name__)

BLOCK = 1 << 18  # bytes read at once; the bar moves with each
TIMEOUT_S = 30.0
NETWORK_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
)
TOTAL = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<total>\d+)")


class DownloadError(RuntimeError):
    """A data set that could not be fetched or unpacked; the message says what to do."""


class WrongArchiveError(DownloadError):
    """A zip file that is damaged or not what it should be; it has been deleted."""


@dataclass(frozen=True)
class Archive:
    """A published zip file of one data set.

    Attributes:
        name: The folder that the data set gets.
        url: Where the zip file is.
        layout: What must be in it; checked after unpacking.
        sha256: Digest of the zip file; None where the publisher gives none. Then only the
            contents vouch for it: the zip file's own checksums, the shape of `joints.mat` and the
            number of images.
    """

    name: str
    url: str
    layout: Layout
    sha256: str | None = None


ARCHIVES = {
    archive.name: archive
    for archive in (
        Archive("lsp", "https://sam.johnson.io/research/lsp_dataset.zip", LSP_LAYOUT),
        Archive("lspet", "https://sam.johnson.io/research/lspet_dataset.zip", LSPET_LAYOUT),
    )
}


def download(name: str, root: str | Path) -> Path:
    """Fetch a data set, check it and unpack it; a broken download goes on where it stopped.

    Args:
        name: One of `ARCHIVES`.
        root: The folder of all data sets; made if absent.

    Returns:
        The data set's folder, `root / name`.

    Raises:
        ValueError: There is no such data set to download.
        DownloadError: The network or the disk fails, or the file is not what it should be.
    """
    if name not in ARCHIVES:
        raise ValueError(f"'{name}' cannot be downloaded; choose one of {', '.join(ARCHIVES)}")
    return install(ARCHIVES[name], Path(root))


def install(archive: Archive, root: Path) -> Path:
    """Fetch, check and unpack one archive into `root / archive.name`, as `download` does.

    Raises:
        DownloadError: The network or the disk fails, or the file is not what it should be.
    """
    target = root / archive.name
    if target.exists():
        if problem := _problem(target, archive):
            raise DownloadError(f"{target} is not a whole '{archive.name}': {problem}")
        logger.info("%s is already at %s", archive.name, target)
        return target
    try:
        root.mkdir(parents=True, exist_ok=True)
        part = fetch(archive.url, root / f"{archive.name}.zip.part")
        try:
            _check_digest(part, archive)
            _unpack(part, target, archive)
        except WrongArchiveError:
            part.unlink()
            raise
        part.unlink()
    except OSError as error:
        raise DownloadError(
            f"'{archive.name}' cannot be written to {root}: {error.strerror or error}; free some "
            "space or choose another folder, and run the command again"
        ) from error
    if archive.sha256 is None:
        logger.info(
            "%s: no checksum is published; checked joints.mat and the %d images instead",
            archive.name,
            archive.layout.num_people,
        )
    return target


def fetch(url: str, part: Path) -> Path:
    """Download `url` into the file `part`, going on after the bytes that it already holds.

    Raises:
        DownloadError: The server cannot be reached, refuses, or breaks off.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(f"connecting to {url}", total=None)
        progress.refresh()  # something to see before the server answers
        try:
            _transfer(url, part, progress, task)
        except urllib.error.HTTPError as error:
            error.close()
            raise DownloadError(
                f"{url} answers {error.code} {error.reason}; look for the file on the publisher's "
                "page and unpack it by hand"
            ) from error
        except NETWORK_ERRORS as error:
            reason = getattr(error, "reason", None) or error
            raise DownloadError(
                f"{url} cannot be fetched: {reason}; check the connection and run the command "
                "again, it goes on where it stopped"
            ) from error
    return part


def _transfer(url: str, part: Path, progress: Progress, task: Any) -> None:
    there = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={there}-"} if there else {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == 416 and _total_of(error) == there:  # nothing is left to fetch
            error.close()
            return
        if error.code == 416:
            part.unlink()  # not a beginning of this file
        raise
    with response, part.open("ab") as file:
        start, total = _extent(response, there)
        file.truncate(start)
        progress.update(task, description=part.stem, completed=start, total=total)
        while block := response.read(BLOCK):
            file.write(block)
            progress.advance(task, len(block))
        if total is not None and file.tell() < total:
            raise http.client.IncompleteRead(b"", total - file.tell())


def _extent(response: Any, there: int) -> tuple[int, int | None]:
    """Return the first byte that the server sends and the file's size, where it says so."""
    found = TOTAL.match(response.headers.get("Content-Range", ""))
    if response.status == 206 and found and int(found["start"]) == there:
        return there, int(found["total"])
    length = response.headers.get("Content-Length")
    return 0, int(length) if length else None


def _total_of(error: urllib.error.HTTPError) -> int | None:
    found = re.match(r"bytes \*/(\d+)", error.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _check_digest(part: Path, archive: Archive) -> None:
    if archive.sha256 is None:
        return
    digest = hashlib.sha256()
    with part.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != archive.sha256:
        raise WrongArchiveError(
            f"{archive.url} has SHA-256 {digest.hexdigest()} instead of {archive.sha256}; the file "
            "was deleted, run the command again"
        )


def _unpack(part: Path, target: Path, archive: Archive) -> None:
    """Unpack beside the target and rename, so that the target is whole or absent."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
        content = Path(folder) / "content"
        content.mkdir()
        try:
            with part.open("rb") as file:
                _extract(file, content, archive)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
            raise WrongArchiveError(
                f"{archive.url} did not give a sound zip file ({error}); it was deleted, run the "
                "command again"
            ) from error
        inside = next(iter(sorted(content.rglob("joints.mat"))), content / "joints.mat").parent
        if problem := _problem(inside, archive):
            raise WrongArchiveError(f"{archive.url} is not a whole '{archive.name}': {problem}")
        inside.rename(target)


def _extract(file: IO[bytes], folder: Path, archive: Archive) -> None:
    with zipfile.ZipFile(file) as members:
        for member in members.infolist():
            path = PurePosixPath(member.filename.replace("\\", "/"))
            is_link = stat.S_ISLNK(member.external_attr >> 16)
            if is_link or path.is_absolute() or ".." in path.parts or ":" in member.filename:
                raise WrongArchiveError(
                    f"{archive.url} holds '{member.filename}', which would be written outside its "
                    "folder; do not use this file"
                )
        needed = sum(member.file_size for member in members.infolist())
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise DownloadError(
                f"'{archive.name}' needs {needed / 1e6:.1f} MB but the disk has "
                f"{free / 1e6:.1f} MB left; free some space or choose another folder"
            )
        members.extractall(folder)


def _problem(folder: Path, archive: Archive) -> str | None:
    """Return what is missing or wrong in an unpacked data set."""
    try:
        read_joints(folder / "joints.mat", archive.layout)
        check_images(folder / "images", archive.layout)
    except (FileNotFoundError, ValueError) as error:
        return str(error)
    return None
