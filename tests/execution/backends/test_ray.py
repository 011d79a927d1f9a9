"""The same plan on a real Ray cluster of two nodes: same results, also where a node goes away in the middle."""

import importlib
import sqlite3
import threading
import time
from dataclasses import replace

import pytest

from dlbench.app.function import function_study
from dlbench.engines.protocol import Settings
from dlbench.execution import driver as driver_module
from dlbench.execution.backends import ray as ray_backend
from dlbench.execution.backends.ray import Ask, Cluster
from dlbench.execution.driver import Driver, Options
from dlbench.store.read import read
from dlbench.study import load, plan
from dlbench.values.errors import InputError, Stopped
from tests.calling import ROOT, process
from tests.execution import stub_engine
from tests.execution.fakes import FakePool, Silent, accuracy
from tests.studies import transfer

pytest.importorskip("ray", reason="Ray is not installed: pip install 'dlbench[ray]'")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own
STUDY = 'margin = 0.01\nseeds = 6\n{}\n[[arms]]\ntechnique = "dropout"\nrate = [0.2, 0.5]\n[baseline]\noptions = {{ {} }}\n'


@pytest.fixture(scope="module")
def loads(tmp_path_factory):
    """A file with a line for each time that a dataset was loaded."""
    return tmp_path_factory.mktemp("cluster") / "loads"


@pytest.fixture(scope="module")
def nodes(loads):
    """A cluster of two nodes of one core each, on this machine."""
    given = pytest.MonkeyPatch()
    given.setenv("PYTHONPATH", str(ROOT))
    given.setenv(stub_engine.LOG, str(loads))
    made = importlib.import_module("ray.cluster_utils").Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    made.add_node(num_cpus=1)
    yield made
    made.shutdown()
    given.undo()


@pytest.fixture
def carry_out(nodes, loads, tmp_path, monkeypatch):
    """Carry a study out on the cluster, or on a pool that trains nothing, with the stub engine."""
    loads.write_text("")

    def on_cluster(settings, ask):
        return Cluster(settings, replace(ask, engine=stub_engine.ENGINE, datasets=(stub_engine.DATA,)))

    def run(name, options="pause = 0.05", more="", **given):
        (tmp_path / "x.toml").write_text(STUDY.format(more, options))
        monkeypatch.setattr(driver_module, "Cluster", on_cluster)
        monkeypatch.setattr(driver_module, "Pool", FakePool(accuracy({0.5: 0.01})))
        given = {"rounds": 0, "backend": "ray", "address": nodes.address} | given
        jobs = 2 if given["backend"] == "local" else None
        driver = Driver(plan(load(str(tmp_path / "x.toml"))), Options(tmp_path / name, "x", jobs, None, "", **given), Silent())
        return driver.execute(), tmp_path / name

    return run


def scores(folder):
    runs = read(folder).runs
    return dict(zip(zip(runs["arm"], runs["seed"]), runs["test_accuracy"]))


def records(folder):
    with sqlite3.connect(f"file:{folder / 'results.sqlite'}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT COUNT(*) FROM records").fetchone()[0]


def lose_a_node_after(nodes, folder, count):
    """Kill the node that is not the head's once so many records are there, and bring another one."""
    def work():
        while not (folder / "results.sqlite").exists() or records(folder) < count:
            time.sleep(0.02)
        nodes.remove_node(next(iter(nodes.worker_nodes)), allow_graceful=False)
        nodes.add_node(num_cpus=1)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_the_results_are_those_of_the_local_backend_and_data_is_loaded_once(carry_out, loads):
    local, cluster = carry_out("local", backend="local", address=None), carry_out("cluster")
    assert cluster[0].done == local[0].done == 18 and scores(cluster[1]) == scores(local[1])
    assert loads.read_text().count("\n") == 1, "once, for two workers on two nodes"


@pytest.mark.slow
def test_the_runs_of_a_lost_node_are_run_again(carry_out, nodes, tmp_path):
    thread = lose_a_node_after(nodes, tmp_path / "cluster", 3)
    summary, folder = carry_out("cluster", "pause = 0.3")
    thread.join(60)
    assert summary.done == 18 and not summary.failures and records(folder) == 18
    assert scores(folder) == scores(carry_out("local", backend="local", address=None)[1])


@pytest.mark.parametrize("fault, words", [
    ("kill", "the worker was killed"), pytest.param("hang", "longer than the time limit", marks=pytest.mark.slow)])
def test_a_run_that_kills_or_stops_its_worker_is_a_record_and_the_others_go_on(carry_out, fault, words):
    summary, folder = carry_out(fault, f'fault = "{fault}"', timeout_s=3.0)
    ((_, reason),) = summary.failures.items()
    assert words in reason and summary.done == 17
    assert set(read(folder).runs["status"]) == {"done", "killed" if fault == "kill" else "timeout"}


def test_what_no_node_has_is_said_before_anything_runs(carry_out):
    with pytest.raises(InputError, match="asks for 1 CPUs and 1 GPUs, and no node of the cluster has as much"):
        carry_out("x", more="resources = { gpus = 1 }")


def test_each_run_is_given_what_the_study_reserves(carry_out):
    summary, _ = carry_out("x", more="resources = { cpus = 0.5 }")
    assert summary.done == 18


def test_an_address_where_nothing_is_is_said_so():
    with pytest.raises(InputError, match=r"--address 127\.0\.0\.1:1: no Ray cluster can be used there"), \
            Cluster(Settings(""), Ask(stub_engine.ENGINE, address="127.0.0.1:1")):
        pass


def test_ray_that_does_not_start_ends_the_session_with_its_reason(monkeypatch):
    def late(**_):
        raise Exception("The current node timed out during startup.\nThis could be because the GCS is overloaded.")  # as Ray does

    cluster = Cluster(Settings(""), Ask(stub_engine.ENGINE))
    monkeypatch.setattr(cluster.ray, "init", late)
    with pytest.raises(Stopped, match=r"Ray could not be started here: The current node timed out during startup\. This could"), cluster:
        pass


def test_without_ray_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setattr(ray_backend.importlib, "import_module", lambda name: (_ for _ in ()).throw(ImportError(f"No module {name}")))
    with pytest.raises(InputError, match=r"pip install 'dlbench\[ray\]'"):
        Cluster(Settings(""), Ask(stub_engine.ENGINE))


LISTENING = """
import psutil
from dlbench.execution.backends.ray import Ask, Cluster
from dlbench.engines.protocol import Settings
from tests.execution.stub_engine import ENGINE
with Cluster(Settings(""), Ask(ENGINE, jobs=1)) as workers:
    while not workers.idle():
        workers.wait(1.0)
    every = [psutil.Process(), *psutil.Process().children(recursive=True)]
    print(len(every), *{place.laddr.ip for process in every for place in process.net_connections("tcp") if place.status == "LISTEN"})
"""


@pytest.mark.slow
def test_a_cluster_of_this_machine_alone_listens_to_nobody_else(tmp_path):
    said = process(tmp_path, "-c", LISTENING).out.split()
    assert int(said[0]) > 3 and set(said[1:]) <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


ENDING = """
import signal, sys, psutil
from dlbench.cli import main
from dlbench.execution import driver
from dlbench.execution.backends.ray import Cluster

class Ending(Cluster):
    def submit(self, slot, task, call, timeout_s=None):
        super().submit(slot, task, call, timeout_s)
        for process in psutil.Process().children(recursive=True):
            if process.name() == "{}":
                process.kill()

driver.Cluster = Ending
sys.argv[1:] = ["run", "x.toml", "--backend", "ray", "--jobs", "1", "--no-report", "--no-timing"]
main()
"""


@pytest.mark.slow  # tests/execution/backends/test_pulse.py ends the processes of a cluster that is none
@pytest.mark.parametrize("process_name, words", [
    ("raylet", "node process on this machine (raylet)"), ("gcs_server", "control service (gcs_server)")])
def test_a_cluster_whose_own_processes_end_stops_the_study(process_name, words, tmp_path):
    long = 'margin = 0.01\nseeds = 2\nmodel = "mlp"\nbudget = { epochs = 1000 }\n'  # a cluster may outlive one of its processes for seconds
    (tmp_path / "x.toml").write_text(f'{long}[[arms]]\ntechnique = "dropout"\nrate = 0.5\n')
    ended = process(tmp_path, "-c", ENDING.format(process_name))
    assert ended.code == 3 and f"Ray's {words} has ended" in ended.err and "Traceback" not in ended.err, ended.err


REAL = """
margin = 0.01
seeds = 3
budget = { epochs = 2 }
model = "tests.execution.helpers:plain"
dataset = "tests.execution.helpers:blobs"
[[arms]]
technique = "l2"
strength = [1e-3, 1e-2]
""" + transfer(source=[0, 1], target=[1, 2])


@pytest.mark.slow
def test_the_command_gives_the_weights_of_the_local_backend_to_the_bit_also_where_a_node_is_lost(nodes, tmp_path):
    (tmp_path / "x.toml").write_text(REAL)

    def dlbench(*arguments):
        return process(tmp_path, "-m", "dlbench", "run", "x.toml", *arguments, "--no-report")

    thread = lose_a_node_after(nodes, tmp_path / "ray", 4)
    result = dlbench("--backend", "ray", "--address", nodes.address, "--out", "ray")
    thread.join(60)
    assert result.code == 0, result.err
    assert dlbench("--out", "local").code == 0
    runs, local = (read(tmp_path / name) for name in ("ray", "local"))
    assert runs.complete and set(runs.runs["control"]) == {"baseline", "controlled"} and runs.rounds["arm"].nunique() == 5
    assert weights(tmp_path / "ray") == weights(tmp_path / "local") and len(local.runs) == 15


def weights(folder):
    with sqlite3.connect(f"file:{folder / 'results.sqlite'}?mode=ro", uri=True) as connection:
        return dict(connection.execute("SELECT run_id, json_extract(controls, '$.weights') FROM records WHERE status = 'done'"))


@pytest.mark.slow
def test_a_closure_runs_on_a_cluster_with_the_scores_of_one_machine(nodes, tmp_path):
    """Functions travel pickled, with what they close over; nothing of this process is on the other side."""
    offset = 0.25

    def train(seed, rate=0.0):
        time.sleep(0.3)
        return offset + 0.01 * seed + rate / 10

    table, function = function_study(train, {"faster": {"rate": 0.5}}, {
        "question": "", "margin": 0.01, "seeds": 4, "baseline": {}, "metric": {"name": "score", "higher_is_better": True}})
    study = plan(replace(load(table), function=function))
    Driver(study, Options(tmp_path / "out", "x", None, None, "", rounds=0, backend="ray", address=nodes.address), Silent()).execute()
    runs = read(tmp_path / "out").runs
    found = dict(zip(zip(runs["arm"], runs["seed"]), runs["score"].astype(float)))
    expected = {(arm, seed): 0.25 + 0.01 * seed + rate / 10 for arm, rate in (("baseline", 0.0), ("faster", 0.5)) for seed in range(4)}
    assert found == pytest.approx(expected)
