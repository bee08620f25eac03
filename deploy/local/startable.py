"""What is started and stopped, as a context manager."""

from abc import ABC, abstractmethod
from typing import Self


class Startable(ABC):
    """Runs during a block; what was started of it is stopped as well where the rest does not come up."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Start it and return when it is ready."""

    @abstractmethod
    def stop(self) -> None:
        """End it, as far as it was started; what it wrote stays."""
