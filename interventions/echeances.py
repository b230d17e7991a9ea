"""Les dates que le plan annonce à la personne, dans l'ordre : ce qui finit, ce qui est attendu, ce que vaut un silence. Fonction pure."""

from securisation.documents.instantane import nom_court

SILENCES = {"rejet": "Sans réponse, la demande est refusée", "accord": "Sans réponse, la demande est acceptée"}


def echeances(instantane):
    """Suite de {le, quoi, axe, reserve, facile} d'un instantané `plan/1`, de la plus proche à la plus lointaine.

    `facile` : la même date en une phrase ; vide pour celle d'un constat, à retenir sans le nommer.
    """
    intervention = instantane["intervention"]
    lignes = [ligne for axe in instantane["axes"] for ligne in _des_facteurs(axe)]
    lignes += [ligne for action in intervention.get("actions", []) for ligne in _de_l_action(action)]
    lignes.append(_ligne(intervention["terme"], "Terme de l’intervention", "Fin du plan."))
    return sorted(lignes, key=lambda ligne: ligne["le"])


def _ligne(le, quoi, facile, *, axe="", reserve=False):
    return {"le": le, "quoi": quoi, "facile": facile, "axe": axe, "reserve": bool(reserve)}


def _des_facteurs(axe):
    for f in axe.get("facteurs", []):
        if f.get("echeance"):
            yield _ligne(f["echeance"], nom_court(f["libelle"]), "", axe=axe["code"], reserve=f.get("reserve"))


def _de_l_action(a):
    """Une réponse connue n'annonce plus rien."""
    if (a.get("issue") or {}).get("le"):
        return
    commun = {"axe": a.get("axe") or "", "reserve": a.get("reserve")}
    levier = nom_court(a.get("levier") or a["intitule"])
    if a.get("attendue_le"):
        yield _ligne(a["attendue_le"], f"Réponse attendue : {a['intitule']}", f"Réponse attendue : {levier}.", **commun)
    silence = a.get("silence")
    if silence:
        dit = SILENCES.get(silence["effet"], "Sans réponse, le silence vaut décision")
        yield _ligne(silence["le"], f"{dit} : {a['intitule']}", f"{dit} : {levier}.", **commun)
    if silence and silence.get("contester_avant"):
        quoi = f"Dernier jour pour contester : {a['intitule']}"
        yield _ligne(silence["contester_avant"], quoi, f"Dernier jour pour contester : {levier}.", **commun)
