"""The engine: what a stage declares, the graph of a configuration, the plan, and the run. Knows no stage by name."""
