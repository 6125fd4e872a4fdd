"""The statutory register and the yearly report as files: folded from auditing's pages, recorded, then handed out."""
