"""What the parts of one run share: its case, its folder, its ranks, and how far it has come."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mesode.case.signals import Signals
from mesode.output.manifest import Timings

if TYPE_CHECKING:
    from mpi4py import MPI

    from mesode.case.meshed import Meshed
    from mesode.config.case import Case
    from mesode.output.checkpoint import Checkpoints
    from mesode.output.folder import RunFolder
    from mesode.output.manifest import Manifest
    from mesode.output.snapshot import Snapshot

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class CaseRun:
    """What the parts of one run share."""

    case: Case
    folder: RunFolder
    comm: MPI.Intracomm
    manifest: Manifest
    config_sha256: str  # of config.yaml as it was written
    live: bool | None = None
    fields: bool = True
    snapshot: Snapshot | None = None  # to continue from
    meshed: Meshed | None = None  # on rank 0
    signals: Signals = field(default_factory=Signals)
    timings: Timings = field(default_factory=Timings)
    observers: list[Any] = field(default_factory=list)
    checkpoints: Checkpoints | None = None

    def warn(self, text: str) -> None:
        """Say a warning at once, and keep it in the manifest."""
        self.manifest.warn(text)
        logger.warning("%s", text)
