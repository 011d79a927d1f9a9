"""A driver whose cluster has ended ends itself: by an exception where it works, by its guard where Ray does not let go of it."""

import shutil
import socket

import pytest

from dlbench.execution.backends.pulse import Pulse
from dlbench.values.errors import Stopped
from tests.calling import process

CAUGHT = """
import socket, subprocess, sys, time
from dlbench.execution.backends import pulse
pulse.EVERY_S = pulse.GRACE_S = 0.3
node = socket.socket(socket.AF_UNIX)
node.bind("node")
node.listen()
gcs = socket.create_server(("127.0.0.1", 0))
felt = pulse.Pulse(f"127.0.0.1:{gcs.getsockname()[1]}", "node")
guard = pulse.Guard(felt)
"""
ENDS = "gcs.close()\nguard.start()\ntime.sleep(60)\nprint('let go')"
COMES_BACK = """
port = gcs.getsockname()[1]
gcs.close()
pulse.GRACE_S = 2.0
guard.start()
time.sleep(0.5)
gcs = socket.create_server(("127.0.0.1", port))
time.sleep(2.5)
print("goes on")
"""
IS_OVER = "gcs.close()\npulse.GRACE_S = 1.5\nguard.start()\ntime.sleep(0.5)\nguard.over.set()\ntime.sleep(2)\nprint('goes on')"
STARTS = """
felt.gcs = ""
guard.start()
started = subprocess.Popen(["./gcs_server", "60"])
time.sleep({alive_s})
started.kill()
time.sleep(60)
"""


def test_a_driver_that_is_caught_in_a_call_of_ray_ends_with_a_line(tmp_path):
    ended = process(tmp_path, "-c", CAUGHT + ENDS)
    assert ended.code == 3 and not ended.out
    assert ended.err.startswith("dlbench: --backend ray: Ray's control service (gcs_server) has ended (Connection refused); finished runs")


@pytest.mark.parametrize("alive_s", [0.02, 1])
def test_a_cluster_that_ends_while_it_is_started_ends_the_driver(alive_s, tmp_path):
    shutil.copy(shutil.which("sleep"), tmp_path / "gcs_server")
    ended = process(tmp_path, "-c", CAUGHT + STARTS.format(alive_s=alive_s))
    assert ended.code == 3 and ended.err.startswith("dlbench: --backend ray: one of Ray's processes has ended while Ray was started;")


def test_what_ended_before_the_cluster_was_started_is_none_of_its_processes(tmp_path):
    shutil.copy(shutil.which("sleep"), tmp_path / "gcs_server")
    text = 'subprocess.Popen(["./gcs_server", "60"]).kill()\nfelt = pulse.Pulse()\ntime.sleep(0.5)\nprint(repr(felt.lost()))'
    assert process(tmp_path, "-c", CAUGHT + text).out == "''\n"


@pytest.mark.parametrize("text", [COMES_BACK, pytest.param(IS_OVER, marks=pytest.mark.slow)])
def test_a_driver_goes_on_where_the_service_answers_again_or_the_study_is_over(text, tmp_path):
    ended = process(tmp_path, "-c", CAUGHT + text)
    assert (ended.code, ended.out.strip(), ended.err) == (0, "goes on", "")


def test_a_node_that_does_not_answer_stops_the_study(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as gcs:
        pulse = Pulse(f"127.0.0.1:{gcs.getsockname()[1]}", str(tmp_path / "nowhere"))
        with pytest.raises(Stopped, match=r"node process on this machine \(raylet\) has ended"):
            pulse.feel()
    assert pulse.ended
