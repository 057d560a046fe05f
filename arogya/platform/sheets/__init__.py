"""Tables as files: what offices save (CSV of any kind, XLSX) read as lines of text, and XLSX written as it streams."""
