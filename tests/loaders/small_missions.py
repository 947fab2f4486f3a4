"""Invented missions in a file such as the Database of embassies publishes."""

import csv
import io
from pathlib import Path

ENTITY = "http://www.wikidata.org/entity/"
HEADER = [
    "operator", "operatorQID", "jurisdictions", "jurisdictionQIDs", "country", "countryQID", "city", "cityQID",
    "address", "latitude", "longitude", "phone", "email", "website", "facebook", "twitter", "youtube",
    "picture", "pictureAuthor", "pictureLicense", "pictureLicenseURL", "type", "typeQID", "creation", "QID",
]  # fmt: skip
# An invented mission of a real state, with everything that must not be taken.
MISSION = {
    "operator": "Norway", "operatorQID": ENTITY + "Q20", "country": "Australia", "countryQID": ENTITY + "Q408",
    "city": "Port Elm", "cityQID": ENTITY + "Q990000001", "address": "1 Quay Street", "latitude": "1.5",
    "longitude": "2.5", "phone": "+99 123", "email": "mailto:ada.vale@port.example", "website": "https://port.example",
    "pictureAuthor": "Ada Vale", "type": "embassy", "typeQID": ENTITY + "Q3917681", "QID": ENTITY + "Q990000002",
}  # fmt: skip


def mission(**changed: str) -> dict[str, str]:
    return {**MISSION, **changed}


def write(path: Path, *missions: dict[str, str]) -> Path:
    """A file as it is published: `;` between fields, and one field more in the header."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow([*HEADER, ""])
    for cells in missions:
        writer.writerow([cells.get(name, "") for name in HEADER])
    path.write_text(text.getvalue(), "utf-8")
    return path
