"""Interop, for the command line."""

from arogya.modules.interop.fhir_import import Progress, Tally, import_folder, json_files

__all__ = ["Progress", "Tally", "import_folder", "json_files"]
