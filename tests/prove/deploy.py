"""Every step of the Dockerfile and of the compose file, by hand: ``python -m tests.prove.deploy``.

The image is played from the last commit (``tests.prove.image``). Then one bot on SQLite, and the
compose file: PostgreSQL, the upgrade that runs once, two replicas, the proxy (Debian's caddy) with
its own Caddyfile. Looked at: a user without rights, nothing written but below /data, the health
check, SIGTERM to process 1 at rest and in mid-start, a replica that is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy import make_url

from bot.demo.clock import Clock
from bot.demo.sample import sample_people
from bot.demo.server import DemoServer
from bot.demo.state import State
from storage.crypto import new_key
from tests.prove import image
from tests.prove.image import Container, Stage
from tests.storage.postgres import running

ROOT: Final = Path(__file__).parents[2]
SECRET: Final = "proof-secret"
PROXY: Final = 18080
STOP: Final = 20.0
REPLICAS: Final = ("127.0.0.2", "127.0.0.3")
"""Where the replicas listen: on one machine each needs an address, as containers have."""


class Table:
    """The steps with what came of them; ``failed`` counts those that should be otherwise."""

    def __init__(self) -> None:
        self.failed = 0

    def line(self, step: str, good: bool, seen: object = "") -> None:
        """Print one step."""
        self.failed += not good
        sys.stdout.write(f"{'ok ' if good else 'NOT'}  {step}{f': {seen}' if seen != '' else ''}\n")
        sys.stdout.flush()


def context_of(folder: Path) -> Path:
    """Return the last commit without what ``.dockerignore`` keeps out."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    for pattern in (folder / ".dockerignore").read_text(encoding="utf-8").split():
        for found in list(folder.glob(pattern)):
            shutil.rmtree(found) if found.is_dir() else found.unlink()
    return folder


def answer(port: int, path: str, host: str = "127.0.0.1", **post: Any) -> int:
    """Return the status of a request; 0 when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=15)
    try:
        connection.request("POST" if post else "GET", path, **post)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def healthy(stage: Stage, data: Path, env: dict[str, str], within: float = 30.0) -> bool:
    """Tell whether the image's own health check says yes in time."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        check = image.run(stage, data, stage.health, env, [], subprocess.DEVNULL)
        if check.process.wait(STOP) == 0:
            return True
        time.sleep(0.5)
    return False


def owned(folder: Path) -> Path:
    """Make a folder that is the image's user's, as an engine makes a volume."""
    folder.mkdir(mode=0o700)
    os.chown(folder, 10001, 0)
    return folder


def one_bot(stage: Stage, folder: Path, env: dict[str, str], table: Table) -> None:
    """``docker run``: one bot on SQLite."""
    data = owned(folder / "volume")
    listen = {"VUISTREGEL_HTTP_LISTEN": "127.0.0.1:18090"}
    bot = image.run(stage, data, env=env | listen)
    table.line("docker run: healthy", healthy(stage, data, listen))
    status = Path(f"/proc/{bot.pid}/status").read_text(encoding="ascii")
    seen = dict(line.split(":\t", maxsplit=1) for line in status.splitlines() if ":\t" in line)
    inside = seen["NSpid"].split()[-1]
    table.line("its process is number 1, its user 10001", inside == "1", seen["Uid"].split()[0])
    table.line("it has no rights", int(seen["CapEff"], 16) == 0 and seen["NoNewPrivs"] == "1")
    writes = ["sh", "-c", "touch /venv/x /etc/x /x 2>/dev/null || echo > /data/.looked"]
    image.run(stage, data, writes, entrypoint=[]).process.wait(STOP)
    table.line("nothing but /data can be written", (data / ".looked").exists())
    _stop(bot, "docker stop", table)
    table.line("the database is in the volume", (data / "vuistregel.db").exists())
    bot = image.run(stage, data, env=env | listen)
    _until_it_hears(bot)
    _stop(bot, "docker stop in mid-start", table, codes=(0, 143))
    wrong = image.run(stage, data, env=env | {"VUISTREGEL_TOKEN": ""})
    table.line("a missing setting ends it with code 2", wrong.process.wait(STOP) == 2)


def _until_it_hears(bot: Container, within: float = STOP) -> None:
    """Wait until process 1 has an answer to SIGTERM: before, compose's ``init`` has."""
    ends, caught = time.monotonic() + within, 0
    while not caught >> (signal.SIGTERM - 1) & 1 and time.monotonic() < ends:
        time.sleep(0.01)
        with contextlib.suppress(OSError, IndexError, StopIteration):
            status = Path(f"/proc/{bot.pid}/status").read_text(encoding="ascii").splitlines()
            caught = next(int(line[8:], 16) for line in status if line.startswith("SigCgt:"))


def _stop(bot: Container, step: str, table: Table, codes: tuple[int, ...] = (0,)) -> None:
    began = time.monotonic()
    try:
        code = bot.stop(signal.SIGTERM, STOP)
    except subprocess.TimeoutExpired:
        bot.process.kill()
        code = -9
    took = time.monotonic() - began
    table.line(step, code in codes and took < 10, f"code {code} in {took:.1f} s")


def compose(stage: Stage, folder: Path, env: dict[str, str], table: Table) -> None:
    """``docker compose up``: the services in the order of what they depend on."""
    told = yaml.safe_load((ROOT / "docs/deploy/compose.yaml").read_text(encoding="utf-8"))
    services = told["services"]
    with contextlib.ExitStack() as ends, running() as server:
        data = owned(folder / "tmpfs")
        address = ends.enter_context(_by_network(server.url(server.create("template1"))))
        settings = env | {"VUISTREGEL_DATABASE_URL": address} | _webhook()
        lines = [f"{key}={value}" for key, value in settings.items()]
        secret = data / Path(services["bot"]["secrets"][0]["target"]).name
        secret.write_text("\n".join(lines), encoding="utf-8")
        secret.chmod(0o400)
        os.chown(secret, 10001, 0)

        def start(command: list[str], **more: str) -> Container:
            return image.run(stage, data, command, more)

        early = start(services["bot"]["command"], VUISTREGEL_HTTP_LISTEN="127.0.0.2:8080")
        table.line("a bot before the upgrade does not start", early.process.wait(STOP) != 0)
        for time_ in ("upgrade", "upgrade once more"):
            upgraded = start(services["upgrade"]["command"]).process.wait(60)
            table.line(f"compose up: {time_}", upgraded == 0)
        bots = []
        for host in REPLICAS[: services["bot"]["deploy"]["replicas"]]:
            bots.append(start(services["bot"]["command"], VUISTREGEL_HTTP_LISTEN=f"{host}:8080"))
            ends.callback(bots[-1].process.kill)
        both = all(_ready(host) for host in REPLICAS)
        table.line("two replicas are ready", both)
        ends.callback(_proxy(folder).kill)
        _through_the_proxy(table, bots)


@contextlib.contextmanager
def _by_network(url: str) -> Iterator[str]:
    """Bring connections on a port to the server's socket, as a container's network would."""
    parsed = make_url(url)
    path = f"{parsed.query['host']}/.s.PGSQL.5432"

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(path)
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(join, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = server.sockets[0].getsockname()[1]
    plain = parsed.set(drivername="postgresql", host="127.0.0.1", port=port, query={})
    yield plain.render_as_string(hide_password=False)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    writer.close()


def _webhook() -> dict[str, str]:
    return {
        "VUISTREGEL_WEBHOOK_URL": f"http://127.0.0.1:{PROXY}",  # the stand-in calls no other
        "VUISTREGEL_WEBHOOK_SECRET": SECRET,
    }


def _ready(host: str, within: float = 30.0) -> bool:
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        if answer(8080, "/healthz", host) == 200:
            return True
        time.sleep(0.3)
    return False


def _proxy(folder: Path) -> subprocess.Popen[bytes]:
    """Start caddy with the Caddyfile as it is; a name server of its own says where "bot" is."""
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{each} bot\n" for each in REPLICAS))
    script = f"mount --bind {hosts} /etc/hosts && exec caddy run --adapter caddyfile --config "
    env = os.environ | {"WEBHOOK_HOST": f"http://127.0.0.1:{PROXY}", "HOME": str(folder)}
    words = ["unshare", "--mount", "sh", "-c", f"{script}{ROOT / 'docs/deploy/Caddyfile'}"]
    started = subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 15
    while answer(PROXY, "/") == 0 and time.monotonic() < ends:
        time.sleep(0.2)
    return started


def _through_the_proxy(table: Table, bots: list[Container]) -> None:
    numbers = iter(range(9_000, 10_000))

    def call(secret: str = SECRET) -> int:
        body = json.dumps({"update_id": next(numbers)}).encode()
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        return answer(PROXY, "/telegram", body=body, headers=headers)

    table.line("Telegram's call through the proxy", [call() for _ in range(4)] == [200] * 4)
    table.line("a wrong secret is refused", call("other") == 403)
    inside = [answer(PROXY, path) for path in ("/healthz", "/metrics", "/")]
    table.line("health and figures are not to be seen outside", inside == [404] * 3, inside)
    os.kill(bots[0].pid, signal.SIGKILL)
    bots[0].process.wait(STOP)
    seen = [call() for _ in range(6)]
    table.line("with one replica killed all calls are taken", seen == [200] * 6, seen)
    _stop(bots[1], "compose stop: the other one", table)


async def prove(folder: Path) -> int:
    """Play everything; return how many steps are not as they should be."""
    table = Table()
    state = State(sample_people(), Clock(folder / "clock"))
    server = DemoServer(state, port=0)
    await server.start()
    env = {
        "VUISTREGEL_TOKEN": state.token,
        "VUISTREGEL_API_URL": server.url,
        "VUISTREGEL_SECRET_KEY": new_key(),
        "VUISTREGEL_ADMIN_IDS": "1",
    }
    try:
        await asyncio.to_thread(_all, folder, env, table)
    finally:
        await server.stop()
    return table.failed


def _all(folder: Path, env: dict[str, str], table: Table) -> None:
    (folder / "image").mkdir()
    began = time.monotonic()
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stage = image.build(text, context_of(folder / "context"), folder / "image")
    size = stage.size() / (1 << 20)
    table.line(
        "docker build", True, f"{time.monotonic() - began:.0f} s, {size:.0f} MB above Python"
    )
    one_bot(stage, folder, env, table)
    compose(stage, folder, env, table)


def main() -> int:
    """Prove it; 1 when a step is not as it should be, 2 where it cannot be played."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    if os.getuid() or not all(shutil.which(each) for each in ("unshare", "setpriv", "caddy")):
        sys.stderr.write("needs Linux, root, util-linux and caddy\n")
        return 2
    folder = image.own_folder()
    if folder is None:
        return image.apart("tests.prove.deploy")
    return 1 if asyncio.run(prove(folder)) else 0


if __name__ == "__main__":
    sys.exit(main())
