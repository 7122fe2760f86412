"""So that ``python -m phishcli`` works, too."""

from phishcli.cli.start import main

main()
