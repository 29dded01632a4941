"""``python -m stormwatch``: the same as the ``stormwatch`` command."""

from stormwatch.cli.main import run

run()
