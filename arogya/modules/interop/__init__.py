"""Other systems' records, at the edge: FHIR R4 is read and mapped here, and kept by the modules whose it is.

Told: one JSON object of a resource while it is read. Left over: what of it no module keeps yet; counted, never hidden.
"""
