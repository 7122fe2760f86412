"""Sources: where a table comes from, what identifies its content, and its rows in batches.

`phishcli.sources.locate.locate` finds a `Source`. To add a kind of source (a database server, many files), add one file
to ``phishcli/sources/kinds``; to add a file format, add one to ``phishcli/sources/formats``. The docstrings of these
packages are the recipes.
"""
