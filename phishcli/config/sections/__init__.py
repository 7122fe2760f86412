"""The sections of the configuration: one file each, named like its key in ``phish.yaml``.

To add a setting, add a field to the class of its section: a type with its bounds (``values`` has the usual ones), a
default, and a title, which the file that ``phish init`` writes has as its comment. A stage sees the setting if the
``settings`` of its declaration take it. To add a section, write a file with a subclass of `Section` here, and add it to
`Config` in ``phishcli.config.schema``, from where the rest of the package imports all of them.

These files do without ``from __future__ import annotations``: pydantic would have to compile every annotation when the
program starts, which takes a fifth of the time that the sections cost.
"""
