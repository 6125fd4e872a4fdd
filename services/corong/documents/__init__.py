"""Letters of the law: a versioned template, the facts of a case, and what comes of them as PDF and as a channel's text.

Pure: no clock, no database, no network. Who may send one, and what is kept of it, is the affair of the services above.
The pages themselves are made by `corong.documents.pdf`, which takes a while to load.
"""

from corong.documents.assembling import Asker, Office, assembled, particulars_of
from corong.documents.facts import Facts, IncompleteFacts
from corong.documents.filling import Letter, fill
from corong.documents.kinds import VARIABLES, DocumentKind, Variable
from corong.documents.standard import standard_template
from corong.documents.template import BadTemplate, Template

__all__ = [
    "VARIABLES",
    "Asker",
    "BadTemplate",
    "DocumentKind",
    "Facts",
    "IncompleteFacts",
    "Letter",
    "Office",
    "Template",
    "Variable",
    "assembled",
    "fill",
    "particulars_of",
    "standard_template",
]
