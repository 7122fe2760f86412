"""One file per check; ``phishcli.audit`` says how to add one."""
