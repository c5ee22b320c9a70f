"""The front door: the HTTP API, the pages and the read model."""

import os

# openpyxl's switch: tables from outside are read with defusedxml, which refuses entities, also where lxml is installed.
os.environ["OPENPYXL_LXML"] = "False"
