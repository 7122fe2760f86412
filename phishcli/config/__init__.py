"""The typed configuration: defaults < file < environment < options."""

from phishcli.config.load import Resolved, Setting, load_config, to_yaml
from phishcli.config.schema import Config

__all__ = ["Config", "Resolved", "Setting", "load_config", "to_yaml"]
