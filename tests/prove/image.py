"""A Dockerfile played step by step, where no container engine is at hand. Linux, as root.

Each stage is an overlay of this machine's own files, with its Python in place of the base image;
RUN and COPY do in it what the file says, word for word. A container is a read-only look at the
last stage, with process ids of its own and a user without rights.

Everything is mounted in a child with mounts of its own (``apart``) and only there: who tidies up
sees none of them. Nothing of this machine that can be written is mounted, devices least of all.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FOLDER: Final = "VR_IMAGE_FOLDER"
DEVICES: Final = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}
PASSED: Final = re.compile(r"PIP_|SSL_|REQUESTS_CA|CURL_CA|HTTPS?_PROXY|https?_proxy")
PATH: Final = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
GROUP: Final = 10001
PROJECT: Final = Path(__file__).parents[2]


def apart(module: str) -> int:
    """Run a module in a child with mounts and a folder of its own; return its exit code."""
    with tempfile.TemporaryDirectory(prefix="vr-image-") as folder:
        Path(folder).chmod(0o755)
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", module]
        return subprocess.run(command, env=os.environ | {FOLDER: folder}, check=False).returncode


def own_folder() -> Path | None:
    """Return the child's folder; None outside of one. The child leaves it as it is."""
    return Path(os.environ[FOLDER]) if FOLDER in os.environ else None


@dataclass
class Stage:
    """What a stage has come to."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    folder: str = "/"
    user: str = "0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def size(self) -> int:
        """Return how much of the image is ours, in bytes."""
        done = subprocess.run(["du", "-sb", self.root / "venv"], capture_output=True, check=True)
        return int(done.stdout.split()[0])


def steps(text: str) -> list[tuple[str, str]]:
    """Return instructions with what they say, lines joined and comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(name, rest) for name, rest in found]


def build(dockerfile: str, context: Path, folder: Path) -> Stage:
    """Play a Dockerfile and return its last stage. Raises CalledProcessError for a failing RUN."""
    _sh(f"mount -t tmpfs -o size=3g tmpfs {folder}")
    stages: dict[str, Stage] = {}
    stage = Stage(folder)
    for name, rest in steps(dockerfile):
        if name == "FROM":
            stage = Stage(_overlay(folder / f"stage{len(stages)}"))
            stages[rest.partition(" AS ")[2] or str(len(stages))] = stage
        else:
            _step(stage, name, rest, context, stages)
    return stage


def _step(stage: Stage, name: str, rest: str, context: Path, stages: dict[str, Stage]) -> None:
    if name == "RUN":
        given = {key: value for key, value in os.environ.items() if PASSED.match(key)}
        chroot = ["chroot", str(stage.root), "sh", "-ec", f"cd {stage.folder}\n{rest}"]
        env = stage.env | given | {"HOME": "/nowhere"}
        subprocess.run(chroot, env=env, check=True, stdout=subprocess.DEVNULL)
    elif name == "COPY":
        source, *words = rest.split() if rest.startswith("--from=") else ["", *rest.split()]
        origin = stages[source.removeprefix("--from=")].root if source else context
        _copy(origin, words[:-1], stage.root / stage.folder[1:] / words[-1].lstrip("/"), words[-1])
    elif name == "ENV":
        pairs = dict(part.split("=", maxsplit=1) for part in shlex.split(rest))
        stage.env |= {
            key: value.replace("$PATH", stage.env["PATH"]) for key, value in pairs.items()
        }
    elif name == "WORKDIR":
        stage.folder = rest
        (stage.root / rest[1:]).mkdir(parents=True, exist_ok=True)
    elif name == "USER":
        stage.user = rest
    elif name in {"ENTRYPOINT", "CMD"}:
        setattr(stage, {"ENTRYPOINT": "entrypoint", "CMD": "command"}[name], json.loads(rest))
    elif name == "HEALTHCHECK":
        stage.health = json.loads(rest.partition("CMD ")[2])
    elif name not in {"VOLUME", "STOPSIGNAL"}:
        raise ValueError(f"{name} cannot be played")


def _copy(origin: Path, names: list[str], target: Path, said: str) -> None:
    for name in names:
        source = origin / name.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            into = said.endswith("/") or said == "." or len(names) > 1
            shutil.copy2(source, target / source.name if into else target)


def _overlay(folder: Path) -> Path:
    for name in ("upper", "work", "root"):
        (folder / name).mkdir(parents=True)
    root = folder / "root"
    layers = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
    _sh(f"mount -t overlay overlay -o {layers} {root}")
    for name in ("src", "build", "venv", "wheels", "data", "usr/local/bin/python"):
        if (root / name).exists():
            raise FileExistsError(f"/{name} of this machine is in the way")
    (root / "usr/local/bin").mkdir(parents=True, exist_ok=True)
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    _sh(f"mount -t tmpfs tmpfs {root}/dev; mount -t proc proc {root}/proc")
    for name, number in DEVICES.items():
        _sh(f"mknod -m 666 {root}/dev/{name} c 1 {number}")
    return root


@dataclass
class Container:
    """A running image; ``pid`` is that of its process 1, seen from here."""

    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """Return the id of the process that is 1 inside."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii")
        return int(children.split()[0])

    def stop(self, sign: int, within: float) -> int:
        """Signal process 1 as an engine does, and return the exit code."""
        os.kill(self.pid, sign)
        return self.process.wait(within)


def run(
    stage: Stage,
    data: Path,
    command: list[str] | None = None,
    env: dict[str, str] | None = None,
    entrypoint: list[str] | None = None,
    output: int | None = None,
) -> Container:
    """Run an image: read-only but for ``data`` and /tmp, without rights, process 1 of its own.

    What is in this machine's /tmp, and the project itself, is not seen.
    """
    root = stage.root
    words = [*(stage.entrypoint if entrypoint is None else entrypoint), *(command or stage.command)]
    given = [f"{key}={value}" for key, value in (stage.env | (env or {})).items()]
    prepared = [
        f"mount --rbind {root} {root}",
        f"mount -o remount,bind,ro {root}",
        f"mount -t proc proc {root}/proc",
        f"mount -t tmpfs tmpfs {root}/tmp",
        f"mkdir -p {root}{PROJECT} && mount -t tmpfs tmpfs {root}{PROJECT}",
        f"mount --bind {data} {root}/data",
    ]
    user = f"--reuid={stage.user} --regid={GROUP} --clear-groups --no-new-privs"
    rights = "--bounding-set=-all --inh-caps=-all"
    inside = ["env", "-i", "-C", stage.folder, *given, *words]
    last = f"exec chroot {root} setpriv {user} {rights} {shlex.join(inside)}"
    script = "set -e\n" + "\n".join([*prepared, last])
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]
    return Container(subprocess.Popen(namespaces, stdout=output, stderr=output))


def _sh(command: str) -> None:
    subprocess.run(["sh", "-ec", command], check=True)
