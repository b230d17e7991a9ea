"""Le bilan en phrases faciles à lire (`facile/1`), depuis son instantané. Fonctions pures."""

from django.db.models.fields.json import KT

from diagnostics.facile import combien_de_graves
from securisation.annuaire.facile import AVANT, FINS, MOTS_DES_NIVEAUX, RISQUES
from securisation.documents import facile
from securisation.documents.facile import bloc, idees, partie, picto_de
from securisation.documents.instantane import cite, nom_court
from securisation.documents.typographie import compte, en_date

DECES = "SOR-10"


def rediger(donnees, axes):
    """(titre, parties, parole) d'un bilan sans ligne réservée ; `axes` : code → libellé facile à lire."""
    s = donnees["sortie"]
    cotes = [(axe, axe.get("niveau"), s["axes"].get(axe["code"], {}).get("niveau")) for axe in donnees["axes"]]
    comparables = [(axe, avant, apres) for axe, avant, apres in cotes if None not in (avant, apres)]
    mieux = [_sujet(donnees, axe, axes, a, b) for axe, a, b in comparables if b < a]
    pareils = [_sujet(donnees, axe, axes, a, b) for axe, a, b in comparables if b == a]
    moins = [_sujet(donnees, axe, axes, a, b) for axe, a, b in comparables if b > a]
    parties = [
        *partie("", [_introduction(donnees, [apres for _, _, apres in cotes])]),
        *partie("Ce qui va mieux", mieux),
        *partie("Ce qui est pareil", pareils),
        *partie("Ce qui est plus difficile", moins),
        *partie("Ce que je surveille", [_risque(r, donnees["document"]["date"]) for r in s.get("risques", [])]),
        *facile.desaccord(s.get("desaccord")),
        *facile.mes_droits(donnees, apres="Je peux demander un nouvel accompagnement."),
    ]
    return "Ma sortie du dispositif", parties, s.get("parole")


def _introduction(donnees, sortie):
    fin = FINS.get(donnees["sortie"]["motif"]["code"], "")
    lignes = [
        "Mon accompagnement est fini.",
        fin,
        f"Il a duré {_duree(donnees)}.",
        facile.contact(donnees["referent"], etait=True),
    ]
    graves = sum((axe.get("niveau") or 0) >= 3 for axe in donnees["axes"])
    if graves:
        lignes.append(f"Au début, {compte(graves, 'sujet')} {'étaient graves' if graves > 1 else 'était grave'}.")
    return bloc("flag", lignes=lignes, fort=combien_de_graves(sortie))


def _duree(donnees):
    debut, fin = en_date(donnees["parcours"]["ouvert_le"]), en_date(donnees["sortie"]["validee_le"])
    jours = max((fin - debut).days, 1)
    return compte(jours, "jour") if jours < 45 else f"{round(jours / 30.4)} mois"


def _sujet(donnees, axe, axes, avant, apres):
    """Ce qui était, ce qui est, et ce qui a été obtenu."""
    lignes = [f"C’est comme avant : {MOTS_DES_NIVEAUX[apres]}."]
    if avant != apres:
        lignes = [f"Avant, {AVANT[avant]}.", f"Maintenant, {MOTS_DES_NIVEAUX[apres]}."]
    actions = [a for a in donnees["intervention"].get("actions", []) if a.get("axe") == axe["code"]]
    faites = [a for a in actions if (a.get("issue") or {}).get("code") == "DEM-OK"]
    lignes += [ligne for a in faites for ligne in _obtenu(a)]
    return bloc(picto_de(axe["code"]), axes.get(axe["code"], axe["libelle"]), lignes)


def _obtenu(action):
    """Ce qui est fait, et ce que la réponse disait, cité : une note est rarement une phrase."""
    note = (action["issue"].get("note") or "").strip()
    fait = " ".join(idees(f"C’est fait : {action['intitule']}"))
    return [fait, f"J’ai eu cette réponse : {cite(note.rstrip('.'))}."] if note else [fait]


def _risque(r, papier):
    lignes = [facile.date_a_retenir(r.get("echeance"), papier)]
    verbe = "J’appelle" if r.get("telephone") else "J’en parle à"
    alors = [f"{verbe} : {r['relais']}."] if r.get("relais") else ["J’en parle à l’association."]
    titre = RISQUES.get(r["code"]) or nom_court(r["libelle"])
    return bloc(
        picto_de((r.get("facteur") or "")[:3]),
        titre,
        lignes,
        alerte=facile.alerte(r.get("signal"), alors, r.get("telephone")),
    )


def empechement(parcours):
    """Pourquoi cette version ne se demande pas encore ; vide si elle se demande."""
    motif = facile.origines(parcours, "bilan").values_list(KT("donnees__sortie__motif__code"), flat=True).first()
    if motif is None:
        return "Elle redit le bilan : elle se demande une fois la sortie validée."
    return "La personne est décédée." if motif == DECES else ""


facile.enregistrer(
    "bilan",
    lettre="BF",
    libelle="Bilan, version facile à lire",
    ordre=60,
    empechement=empechement,
    rediger=rediger,
)
