"""In which language something is written that is taken away: the asker's own, as their client says."""

from typing import Annotated

from fastapi import Depends, Header

from arogya.platform.money import Language


def language_of(accept: str | None) -> Language:
    """The one of ours that is liked best; English where none is named."""
    liked: list[tuple[float, Language]] = []
    for place, offer in enumerate((accept or "").split(",")):
        name, _, quality = offer.strip().partition(";q=")
        own = {"hi": "hi", "en": "en"}.get(name.split("-", maxsplit=1)[0].strip().lower())
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if own is not None and weight > 0:
            liked.append((weight - place / 1000, "hi" if own == "hi" else "en"))
    return max(liked, default=(0.0, "en"))[1]


def _asked(
    accept_language: Annotated[
        str | None, Header(description="`hi` for Hindi headings; English else.", max_length=200)
    ] = None,
) -> Language:
    return language_of(accept_language)


AskedLanguage = Annotated[Language, Depends(_asked)]
