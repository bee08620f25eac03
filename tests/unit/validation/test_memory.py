"""The webhook stays small: what few policies need is loaded when one does."""

import subprocess
import sys


def test_numpy_is_not_loaded_at_the_start():
    code = "import sys; import admission.app; sys.exit('numpy' in sys.modules or 'slack_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
