"""A real Slurm on this machine, of its own: own folder, ports and key; two CPUs on one node."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scancel")
_START = 30.0  # [s] until the node is idle

_CONF = """\
ClusterName=here
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
KillWait=20
MaxArraySize=1001
MailProg=/bin/true
SchedulerParameters=sched_interval=2,batch_sched_delay=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE OverSubscribe=NO State=UP
"""


@dataclass(frozen=True, slots=True)
class Slurm:
    """A running cluster; ``environment`` is what a client needs to talk to it."""

    folder: Path
    environment: dict[str, str]

    def call(self, *command: str) -> str:
        """Run a client of Slurm and return what it prints."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout

    def wait_until_empty(self, seconds: float) -> None:
        """Wait until no job is queued or running."""
        end = time.monotonic() + seconds
        while self.call("squeue", "--noheader"):
            if time.monotonic() > end:
                raise TimeoutError(self.call("squeue"))
            time.sleep(0.5)


def missing() -> str:
    """Return why no Slurm can be started here, nothing where it can."""
    absent = [name for name in PROGRAMS if _find(name) is None]
    if absent:
        return f"{', '.join(absent)} not installed (apt-get install slurm-wlm munge)"
    if os.geteuid() != 0:
        return "Slurm's daemons need root"
    return ""


def _find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def start(folder: Path) -> Slurm:
    """Start the daemons; the caller stops them."""
    folder.chmod(0o755)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    host = socket.gethostname().split(".")[0]
    ports = dict(zip(("ctld_port", "slurmd_port"), _free_ports(2), strict=True))
    conf = folder / "slurm.conf"
    conf.write_text(_CONF.format(host=host, user="root", folder=folder, **ports))
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    environment = {**os.environ, "SLURM_CONF": str(conf)}
    paths = [f"--{k}={folder}/munge.{v}" for k, v in _MUNGE.items()]
    for command in (["munged", "--force", *paths], ["slurmctld"], ["slurmd"]):
        program = _find(command[0]) or command[0]
        subprocess.run([program, *command[1:]], env=environment, check=True, timeout=20)
    slurm = Slurm(folder, environment)
    _wait_for_node(slurm)
    return slurm


_MUNGE = {
    "socket": "socket",
    "key-file": "key",
    "pid-file": "pid",
    "log-file": "log",
    "seed-file": "seed",
}


def _wait_for_node(slurm: Slurm) -> None:
    end = time.monotonic() + _START
    while True:
        try:
            state = slurm.call("sinfo", "--noheader", "--format=%T").strip()
        except subprocess.SubprocessError as error:
            state = str(error)
        if state == "idle":
            return
        if time.monotonic() > end:
            logs = [(slurm.folder / n).read_text()[-2000:] for n in ("slurmctld.log", "slurmd.log")]
            raise TimeoutError("\n".join([state, *logs]))
        time.sleep(0.3)


def stop(slurm: Slurm) -> None:
    """End the daemons that ``start`` started."""
    for name in ("slurmd", "slurmctld", "munge"):
        pid = slurm.folder / f"{name}.pid"
        if pid.is_file():
            os.kill(int(pid.read_text()), signal.SIGTERM)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]
    finally:
        for item in sockets:
            item.close()
