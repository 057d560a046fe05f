"""Other systems' patients, taken in by the file: headings guessed, lines checked and written, undone if unused."""
