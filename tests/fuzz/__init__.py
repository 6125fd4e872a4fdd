"""The parsers of the log under a coverage-guided fuzzer: an optional tool, beside the property tests of every run."""
