"""The verifier that an auditor carries away: one file that needs nothing of ours."""
