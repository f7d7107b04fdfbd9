"""Whether a process that claimed a document still runs, and when that cannot be known."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from monitor.claimants import Claimant, is_gone, this_process

HERE = this_process()
MACHINE = replace(HERE, machine="1a2b3c", boot="monday", space="1")


def finished_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_claimant_is_gone_when_its_process_is():
    assert not is_gone(str(HERE), HERE)
    assert is_gone(str(replace(HERE, pid=finished_process())), HERE)


@pytest.mark.skipif(not HERE.started, reason="this system does not say when a process began")
def test_a_claimant_whose_number_another_process_has_by_now_is_gone():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        later = replace(HERE, pid=other.pid)
        assert is_gone(str(later), HERE)
        other.communicate(b"\n")


def test_a_process_of_another_user_is_not_gone():
    assert not is_gone(str(replace(HERE, pid=1, started="")), HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(MACHINE, host="elsewhere"),
        replace(MACHINE, machine="4d5e6f", boot="tuesday"),  # another machine of the same name
        replace(MACHINE, machine="", boot="tuesday"),  # a container of that name, on whichever machine
        replace(MACHINE, space="2"),  # a container beside this one
    ],
    ids=("host", "machine", "unknown machine", "container"),
)
def test_a_claimant_elsewhere_is_never_taken_for_gone_though_its_number_is_free_here(elsewhere):
    assert not is_gone(str(replace(elsewhere, pid=finished_process())), MACHINE)


def test_in_containers_of_one_name_on_several_machines_none_is_taken_for_gone():
    here = replace(MACHINE, machine="")

    assert not is_gone(str(replace(here, boot="tuesday", pid=finished_process())), here)


def test_all_that_ran_before_the_machine_was_started_anew_is_gone():
    before = replace(MACHINE, boot="sunday", pid=os.getpid())

    assert is_gone(str(before), MACHINE)


def test_where_a_system_tells_nothing_but_its_name_the_number_alone_tells():
    here = Claimant(host="mac", pid=os.getpid())

    assert not is_gone(str(here), here)
    assert is_gone(str(replace(here, pid=finished_process())), here)


@pytest.mark.parametrize("name", ["nonsense", ":", "job 7", "host:12", ":::::", f"{HERE.host}:1:2:3:x:5"])
def test_what_is_no_process_is_not_gone(name):
    assert not is_gone(name, HERE)


def test_a_number_that_no_process_can_have_is_gone():
    assert is_gone(str(replace(HERE, pid=10**30)), HERE)
