"""Algorithms that misbehave, each in one way."""

import os
import socket
import time

import numpy as np

from climatik.plugin import Description, Plan


class _Stranger:
    description = Description(name="stranger", summary="Misbehaves.")

    def plan(self, snapshot, parameters):
        self.misbehave(snapshot)
        return Plan(watts=self.watts(snapshot))

    def misbehave(self, snapshot):
        pass

    def watts(self, snapshot):
        return snapshot.floor_watts


class Raises(_Stranger):
    def misbehave(self, snapshot):
        raise KeyError("rack-7")


class Crashes(_Stranger):
    def misbehave(self, snapshot):
        os._exit(3)


class Sleeps(_Stranger):
    def misbehave(self, snapshot):
        time.sleep(60)


class EatsMemory(_Stranger):
    def misbehave(self, snapshot):
        self.hoard = np.ones(2**30)


class OverCap(_Stranger):
    def watts(self, snapshot):
        return snapshot.ceiling_watts


class Astronomic(_Stranger):
    def watts(self, snapshot):
        return [2**63] * len(snapshot.members)


class UnderFloor(_Stranger):
    def watts(self, snapshot):
        return snapshot.floor_watts - 1


class Short(_Stranger):
    def watts(self, snapshot):
        return snapshot.floor_watts[1:]


class Leaps(_Stranger):
    def watts(self, snapshot):
        return np.where(np.arange(len(snapshot.members)) == 0, snapshot.ceiling_watts, snapshot.floor_watts)


class OpensFile(_Stranger):
    def misbehave(self, snapshot):
        open("/etc/hostname").close()


class OpensSocket(_Stranger):
    def misbehave(self, snapshot):
        socket.socket()


class ReadsEnvironment(_Stranger):
    def misbehave(self, snapshot):
        assert "CLIMATIK_SECRET" not in os.environ
        assert "HOME" not in os.environ


class Prints(_Stranger):
    def misbehave(self, snapshot):
        print("hello" * 1000)  # noqa: T201
