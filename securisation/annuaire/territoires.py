"""Du code postal au département."""

import re

CODE_POSTAL = re.compile(r"\d{5}")
CORSE_DU_SUD = ("200", "201")


def departement_du_code_postal(code_postal):
    """Le code du département (« 53 », « 2A », « 974 ») d'un code postal à cinq chiffres, ou None.

    La Corse se partage à 20200 ; outre-mer, trois chiffres. Quelques communes dépendent du bureau de poste
    d'un département voisin : le champ « département » d'une structure se corrige donc à la main.
    """
    code_postal = (code_postal or "").strip()
    if not CODE_POSTAL.fullmatch(code_postal) or code_postal.startswith("00"):
        return None
    if code_postal.startswith("20"):
        return "2A" if code_postal.startswith(CORSE_DU_SUD) else "2B"
    if code_postal.startswith(("97", "98")):
        return code_postal[:3]
    return code_postal[:2] if "01" <= code_postal[:2] <= "95" else None
