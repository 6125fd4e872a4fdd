"""Words for answers, kept by the office: which there are, and what stands in them for a case."""
