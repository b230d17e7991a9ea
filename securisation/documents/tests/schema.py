"""Relit un instantané contre son schéma (docs/*.schema.json) : la part de JSON Schema dont ces fichiers se servent, pas plus."""

import json
from functools import cache
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
GENRES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
CONNUS = {
    "$ref",
    "type",
    "required",
    "properties",
    "items",
    "enum",
    "additionalProperties",
    "description",
    "title",
    "pattern",
}


@cache
def lire(nom):
    """Le schéma `docs/<nom>.schema.json`."""
    return json.loads((DOCS / f"{nom}.schema.json").read_text(encoding="utf-8"))


def ecarts(donnees, nom=None):
    """Ce qui, dans un instantané, ne suit pas le schéma de ce nom (celui qu'il déclare, à défaut), un chemin par écart."""
    entier = lire(nom or donnees["schema"].split("/")[0])
    return _ecarts(donnees, entier, entier["$defs"], "$")


def _ecarts(donnees, schema, definitions, chemin):
    inconnus = set(schema) - CONNUS - {"$schema", "$id", "$defs"}
    assert not inconnus, f"mot de schéma que cet essai ne sait pas lire : {inconnus}"
    if "$ref" in schema:
        return _ecarts(donnees, definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, chemin)
    fautes = [f"{chemin} : {mot}" for mot in _ecarts_ici(donnees, schema)]
    if isinstance(donnees, dict):
        autres = schema.get("additionalProperties")
        for nom, valeur in donnees.items():
            sien = schema.get("properties", {}).get(nom, autres if isinstance(autres, dict) else {})
            fautes += _ecarts(valeur, sien, definitions, f"{chemin}.{nom}")
    elif isinstance(donnees, list):
        for rang, valeur in enumerate(donnees):
            fautes += _ecarts(valeur, schema.get("items", {}), definitions, f"{chemin}[{rang}]")
    return fautes


def _ecarts_ici(donnees, schema):
    genres = schema.get("type", [])
    genres = [genres] if isinstance(genres, str) else genres
    if genres and not any(isinstance(donnees, GENRES[genre]) for genre in genres):
        yield f"{type(donnees).__name__} au lieu de {genres}"
    if "enum" in schema and donnees not in schema["enum"]:
        yield f"{donnees!r} hors de {schema['enum']}"
    if isinstance(donnees, dict):
        yield from (f"manque {nom}" for nom in schema.get("required", []) if nom not in donnees)
        if schema.get("additionalProperties") is False:
            yield from (f"en trop : {nom}" for nom in donnees if nom not in schema["properties"])
