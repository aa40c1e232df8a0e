"""``python -m mesode.cli`` is ``mesode``; the launcher of parallel runs calls it so."""

from __future__ import annotations

import sys

from mesode.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
