"""The typed configuration: defaults < file < environment < options."""

from phishcli.config.load import Check, Resolved, Setting, resolve_config, to_yaml
from phishcli.config.problems import Problem
from phishcli.config.schema import Config

__all__ = ["Check", "Config", "Problem", "Resolved", "Setting", "resolve_config", "to_yaml"]
