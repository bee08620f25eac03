import pytest

from tests.fakes.kubelet import FakeKubelet


@pytest.fixture
def kubelet(tmp_path):
    found = FakeKubelet(tmp_path / "kubelet.sock").start()
    yield found
    found.stop()
