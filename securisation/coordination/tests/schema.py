"""Relit un instantané contre docs/copie.schema.json : la part de JSON Schema dont ce fichier se sert, pas plus."""

import json
from pathlib import Path

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "copie.schema.json").read_text(encoding="utf-8"))
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


def ecarts(donnees, schema=SCHEMA, chemin="$"):
    """Ce qui ne suit pas le schéma, un chemin par écart."""
    inconnus = set(schema) - CONNUS - {"$schema", "$id", "$defs"}
    assert not inconnus, f"mot de schéma que cet essai ne sait pas lire : {inconnus}"
    if "$ref" in schema:
        return ecarts(donnees, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], chemin)
    fautes = [f"{chemin} : {mot}" for mot in _ecarts_ici(donnees, schema)]
    if isinstance(donnees, dict):
        for nom, valeur in donnees.items():
            fautes += ecarts(valeur, schema.get("properties", {}).get(nom, {}), f"{chemin}.{nom}")
    elif isinstance(donnees, list):
        for rang, valeur in enumerate(donnees):
            fautes += ecarts(valeur, schema.get("items", {}), f"{chemin}[{rang}]")
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
