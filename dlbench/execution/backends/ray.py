"""Workers on a Ray cluster of one or more machines.

Each worker is an actor: it imports the engine once and carries out many runs. A recipe and a seed travel to it, an outcome travels back,
and only the driver writes. The driver's machine loads each dataset once, and Ray copies it to each node once.

Source: P. Moritz et al., "Ray: a distributed framework for emerging AI applications", OSDI 2018,
https://www.usenix.org/conference/osdi18/presentation/moritz
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import socket
import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any

from dlbench.datasets.places import Places, read_as
from dlbench.engines.protocol import Description, Settings
from dlbench.execution import environment
from dlbench.execution.backends.protocol import LOST, Backend, Slot, TaskResult
from dlbench.execution.backends.pulse import Guard, Pulse
from dlbench.execution.backends.worker import answer
from dlbench.plugins import use
from dlbench.references.variables import take_over
from dlbench.study.resources import DEFAULT, Resources
from dlbench.values.errors import InputError, Stopped
from dlbench.values.recipe import Data
from dlbench.values.search_path import OtherFolders, leave_current_folder, safe_start
from dlbench.values.text import one_line

LOOPBACK = "127.0.0.1"
ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Has Ray take the loopback address for that of this machine, as it does by itself on other systems than Linux; read when Ray is
imported. Given only the loopback address, it replaces it by one that others can reach."""
REACHED_S = 5.0
"""How long an address may take to answer."""
START_S = 600.0
"""How long to wait for a node that can take a worker, while there is none."""
ANSWERED_S, NOTICED_S = 20.0, 2.0
"""How long a result that is there may take to travel here, and how long before Ray reports a node as gone its workers may end."""


@dataclass(frozen=True)
class Ask:
    """What a study needs of a cluster.

    Attributes:
        engine: what the workers run.
        resources: of one run.
        address: of a running cluster, as ``ray start`` prints it, or ``auto``; None: one of this machine, that ends with the study.
        jobs: how many workers; None: as many as find room.
        datasets: that the runs need and not every node has.
    """

    engine: Description
    resources: Resources = DEFAULT
    address: str | None = None
    jobs: int | None = None
    datasets: tuple[Data, ...] = ()


@dataclass(eq=False)
class ActorSlot(Slot):
    """A slot of a cluster: an actor, the node it is on, and what is awaited of it."""

    actor: Any = None
    node: str = ""
    awaited: Any = None


class Worker:
    """An actor: the engine in a process on some node."""

    def __init__(self, settings: Settings, description: Description, shared: dict[tuple, list]) -> None:
        leave_current_folder()
        take_over({**os.environ, **settings.variables, **description.variables})
        share = environment.available_bytes() // (4 * (os.cpu_count() or 1))
        load = partial(_received, shared, description.loader) if description.loader else None
        self.description = description
        self.engine = pkgutil.resolve_name(description.start)(replace(settings, device_bytes=share, load=load))

    def place(self) -> tuple[dict[str, Any], str]:
        """Return the facts of the environment, and the node's identity."""
        return environment.facts(self.description), ray().get_runtime_context().get_node_id()

    def answer(self, method: str, arguments: dict[str, Any]) -> tuple[str, Any]:
        """Call a method of the engine; see :func:`dlbench.execution.backends.worker.answer`."""
        return answer(self.engine, method, arguments, self.description.describe_error)


def _received(shared: dict[tuple, list], loader: str, data: Data, places: Places, cache_dir: str) -> Any:
    """Return a dataset from the node's object store, which its workers share; load one that every node has."""
    if read_as(data) not in shared:
        return pkgutil.resolve_name(loader)(data, places, cache_dir)
    try:
        return ray().get(shared[read_as(data)][0])
    except ray().exceptions.RayTaskError as error:
        raise error.cause from None


def _load(engine: Description, data: Data, settings: Settings) -> Any:
    """Load a dataset where its files are."""
    leave_current_folder()
    take_over({**os.environ, **settings.variables, **engine.variables})
    use(settings.plugins, settings.beside)
    return pkgutil.resolve_name(str(engine.loader))(data, Places(settings.beside, settings.data_dir), settings.cache_dir)


def ray() -> ModuleType:
    """Import Ray.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise InputError(f"--backend ray: Ray cannot be imported ({error}); install it with: pip install 'dlbench[ray]'") from None


def _reach(address: str | None) -> None:
    """Check that an address answers, which Ray itself tries for minutes.

    Raises:
        OSError: nobody does.
        ValueError: it is not ``HOST:PORT``.
    """
    if address and address != "auto":
        host, _, port = address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), REACHED_S).close()


class Cluster(Backend):
    """Workers that Ray places on the nodes of a cluster.

    Args:
        settings: of a worker, but for what depends on the node.
        ask: what is asked of the cluster.

    Raises:
        InputError: Ray is not installed, the address is wrong, or no node has room for a run.
    """

    def __init__(self, settings: Settings, ask: Ask) -> None:
        if not ask.address:
            os.environ.update(ALONE)
        self.ask, self.ray = ask, ray()
        self.settings = replace(settings, data_dir=os.path.abspath(settings.data_dir) if settings.data_dir else None)
        self.shared: dict[tuple, list] = {}
        self.slots: list[ActorSlot] = []
        self.alone_since, self.pulse = time.monotonic(), Pulse()
        self.guard = Guard(self.pulse)

    def __enter__(self) -> Cluster:
        self.guard.start()
        try:
            self._connect()
            self.shared = {read_as(data): [self._loaded(data)] for data in self.ask.datasets if self.ask.engine.loader}
            asked = {"num_cpus": self.ask.resources.cpus, "num_gpus": self.ask.resources.gpus}
            self.kind = self.ray.remote(**asked, max_restarts=0, max_task_retries=0)(Worker)
            self.slots = [ActorSlot() for _ in range(self._jobs())]
            for slot in self.slots:
                self._start(slot)
        except BaseException:
            self._disconnect()
            raise
        self.alone_since = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        for slot in () if self.pulse.ended else self.slots:
            self.ray.kill(slot.actor)
        self._disconnect()

    def _disconnect(self) -> None:
        if not self.pulse.lost():
            self.guard.over.set()
        self.ray.shutdown()
        self.guard.over.set()

    def _connect(self) -> None:
        """Join a running cluster, or start one that nothing outside of this machine can reach."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        before = signal.getsignal(signal.SIGTERM)
        cpus = max(os.cpu_count() or 1, round((self.ask.jobs or 0) * self.ask.resources.cpus))
        local = {"address": "local", "_node_ip_address": LOOPBACK, "include_dashboard": False, "num_cpus": cpus}
        where = {"address": self.ask.address} if self.ask.address else local
        try:
            _reach(self.ask.address)
            with safe_start():
                paths = self.ray.job_config.JobConfig(_py_driver_sys_path=OtherFolders())
                self.ray.init(**where, job_config=paths, log_to_driver=False, logging_level="ERROR", configure_logging=True)
        except Exception as error:  # a node that does not start in time is a plain one of Ray's
            line = one_line(error, 200)
            if not self.ask.address:
                raise Stopped(f"Ray could not be started here: {line}; nothing is lost, and the same command goes on") from None
            raise InputError(f"--address {self.ask.address}: no Ray cluster can be used there: {line}") from None
        finally:
            signal.signal(signal.SIGTERM, before)  # Ray puts one of its own there
        here = self.ray.get_runtime_context()
        raylet = next(node["RayletSocketName"] for node in self.ray.nodes() if node["NodeID"] == here.get_node_id())
        self.pulse.raylet, self.pulse.gcs = raylet, here.gcs_address

    def _jobs(self) -> int:
        """Count the workers: as many as asked for, else as find room now."""
        nodes = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        room = sum(self.ask.resources.fit(node.get("CPU", 0), node.get("GPU", 0)) for node in nodes)
        if not room and not self.ask.jobs:
            offered = "; ".join(f"{node.get('CPU', 0):g} CPUs, {node.get('GPU', 0):g} GPUs" for node in nodes)
            raise InputError(f"resources: a run asks for {self._reserved()}, and no node of the cluster has as much (nodes: {offered})")
        return self.ask.jobs or room

    def _reserved(self) -> str:
        return f"{self.ask.resources.cpus:g} CPUs and {self.ask.resources.gpus:g} GPUs"

    def _loaded(self, data: Data) -> Any:
        """Have a dataset loaded on the driver's node, where its files are, and return the reference to it."""
        here = self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            self.ray.get_runtime_context().get_node_id(), soft=False)
        load = self.ray.remote(num_cpus=0, scheduling_strategy=here, max_retries=0)(_load)
        return load.remote(self.ask.engine, data, self.settings)

    def _start(self, slot: ActorSlot) -> None:
        slot.clear()
        slot.actor = self.kind.remote(self.settings, self.ask.engine, self.shared)
        slot.awaited = slot.actor.place.remote()

    def submit(self, slot: ActorSlot, task: Hashable, call: tuple[str, dict[str, Any]], timeout_s: float | None = None) -> None:
        slot.begin(task, timeout_s)
        slot.awaited = slot.actor.answer.remote(*call)

    def wait(self, seconds: float) -> list[TaskResult]:
        self.pulse.feel()
        limit = min([seconds, *(slot.deadline - time.monotonic() for slot in self.slots)])
        by_ref = {slot.awaited: slot for slot in self.slots if slot.awaited is not None}
        fired = self._fired(list(by_ref), max(limit, 0))
        late = [slot for ref, slot in by_ref.items() if ref not in fired and time.monotonic() >= slot.deadline]
        results = [self._result(by_ref[ref]) for ref in fired]
        results += [self._replace(slot, "timeout", "took longer than the time limit") for slot in late]
        self._watch()
        return [result for result in results if result is not None]

    def _fired(self, refs: list, seconds: float) -> list:
        if not refs:
            time.sleep(seconds)
            return []
        self.ray.wait(refs, timeout=seconds)
        return self.ray.wait(refs, num_returns=len(refs), timeout=0)[0]

    def _result(self, slot: ActorSlot) -> TaskResult | None:
        try:
            answered = self.ray.get(slot.awaited, timeout=ANSWERED_S)
        except self.ray.exceptions.RayError as error:
            self.pulse.feel(every_s=0.0)
            return self._dead(slot, error)
        slot.awaited = None
        if not slot.ready:
            (slot.facts, slot.node), slot.ready = answered, True
            return None
        return slot.end(*answered)

    def _dead(self, slot: ActorSlot, error: Exception) -> TaskResult | None:
        reason = " ".join(str(error).split())
        if getattr(error, "actor_init_failed", False):
            raise Stopped(f"a worker could not start: {reason[-500:]}; run `dlbench doctor` on the nodes")
        unreachable = isinstance(error, self.ray.exceptions.ActorUnavailableError)
        if unreachable or not slot.ready or self._gone(slot.node):
            return self._replace(slot, LOST, "its node was lost")
        return self._replace(slot, "killed", f"the worker was killed: {reason[:300]}")

    def _gone(self, node: str) -> bool:
        def alive() -> Iterable[str]:
            return (known["NodeID"] for known in self.ray.nodes() if known["Alive"])

        if node in alive():
            time.sleep(NOTICED_S)
        return node not in alive()

    def _replace(self, slot: ActorSlot, kind: str, reason: str) -> TaskResult | None:
        result = slot.end(kind, reason)
        self.ray.kill(slot.actor)
        self._start(slot)
        return result

    def _watch(self) -> None:
        """Stop where no worker has been ready for too long."""
        now = time.monotonic()
        if any(slot.ready for slot in self.slots):
            self.alone_since = now
        if now - self.alone_since > START_S:
            raise Stopped(f"--backend ray: no node has taken a worker of {self._reserved()} for {START_S:.0f} s; the same command resumes")
