"""A cluster that stays up between commands is started once, found, and ended."""

from pathlib import Path

import pytest

from deploy.local.background import AlreadyRunningError, Background


def test_up_status_down(tmp_path: Path) -> None:
    background = Background(tmp_path / "cluster")
    assert background.status() is None
    try:
        state = background.up()
        assert background.up() == state == Background(tmp_path / "cluster").status()
        assert Path(state.kubeconfig).exists()
        with pytest.raises(AlreadyRunningError, match="already runs in"):
            background.keep()
    finally:
        assert background.down() is True
    assert background.down() is False
    assert background.status() is None
    assert not background.workdir.exists()
