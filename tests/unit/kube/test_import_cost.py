"""Every node pays for what the API layer imports."""

import subprocess
import sys


def test_neither_numpy_nor_the_official_client_is_imported() -> None:
    heavy = ("numpy", "kubernetes", "yaml")
    program = f"import sys, common.kube; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
