"""So that ``python -m phishcli`` works, too."""

from phishcli.cli.app import main

main()
