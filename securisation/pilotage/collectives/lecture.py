"""Lire les actions collectives par clé (jour, rang), jamais par rang de page ; les filtres vivent dans l'adresse."""

import datetime
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from securisation.annuaire.models import ActionCollective, ObjectifPraps
from securisation.comptes.models import Equipe
from securisation.socle import horloge

PAR_PAGE = 50
MAXIMUM = 10_000  # lignes d'un export
PREMIERE_ANNEE = 2000


@dataclass(frozen=True)
class Filtres:
    """Ce que l'adresse demande ; une valeur qui n'a pas de sens est écartée."""

    annee: int | None = None
    nature: str = ""
    equipe: int | None = None
    retirees: bool = False
    apres: tuple | None = None

    @property
    def actifs(self):
        """Vrai si la liste n'est pas entière."""
        return bool(self.annee or self.nature or self.equipe or self.retirees)

    def adresse(self, **champs):
        """L'adresse de la même liste, ces champs changés."""
        voulu = replace(self, **champs)
        valeurs = {"annee": voulu.annee, "nature": voulu.nature, "equipe": voulu.equipe}
        valeurs["etat"] = "retirees" if voulu.retirees else ""
        valeurs["apres"] = f"{voulu.apres[0].isoformat()}_{voulu.apres[1]}" if voulu.apres else ""
        return "?" + urlencode({nom: valeur for nom, valeur in valeurs.items() if valeur})

    def appliquer(self, collectives):
        """Les actions que ces filtres gardent."""
        etat = "retiree" if self.retirees else "notee"
        collectives = collectives.filter(etat=etat)
        if self.annee:
            collectives = collectives.entre(datetime.date(self.annee, 1, 1), datetime.date(self.annee, 12, 31))
        if self.nature:
            collectives = collectives.filter(nature__code=self.nature)
        return collectives.filter(equipe=self.equipe) if self.equipe else collectives


def lire_filtres(valeurs):
    """Les filtres d'une adresse."""
    annee, equipe, nature = valeurs.get("annee", ""), valeurs.get("equipe", ""), valeurs.get("nature", "")
    connues = set(ActionCollective.objects.values_list("code", flat=True)) if nature else set()
    voulue = int(annee) if annee.isascii() and annee.isdecimal() and len(annee) == 4 else 0
    return Filtres(
        annee=voulue if PREMIERE_ANNEE <= voulue <= horloge.aujourd_hui().year else None,
        nature=nature if nature in connues else "",
        equipe=int(equipe) if equipe.isascii() and equipe.isdecimal() and len(equipe) < 10 else None,
        retirees=valeurs.get("etat") == "retirees",
        apres=_curseur(valeurs.get("apres", "")),
    )


def _curseur(texte):
    """(jour, clé) d'un curseur d'adresse, ou None."""
    jour, _, cle = texte.partition("_")
    try:
        return (
            (datetime.date.fromisoformat(jour), int(cle))
            if cle.isascii() and cle.isdecimal() and len(cle) < 18
            else None
        )
    except ValueError:
        return None


def page(visibles, filtres):
    """Contexte de la liste : cinquante lignes, la suite, les choix des filtres."""
    lignes = filtres.appliquer(visibles).select_related("nature", "equipe")
    if filtres.apres:
        lignes = lignes.apres(*filtres.apres)
    lignes = list(lignes[: PAR_PAGE + 1])
    suite, lignes = len(lignes) > PAR_PAGE, lignes[:PAR_PAGE]
    return {
        "lignes": lignes,
        "filtres": filtres,
        "suivant": filtres.adresse(apres=(lignes[-1].le, lignes[-1].pk)) if suite else "",
        "precedent": filtres.adresse(apres=None) if filtres.apres else "",
        "segments": [
            {"libelle": "Notées", "url": filtres.adresse(retirees=False, apres=None), "ici": not filtres.retirees},
            {"libelle": "Retirées", "url": filtres.adresse(retirees=True, apres=None), "ici": filtres.retirees},
        ],
        "export": filtres.adresse(apres=None),
    }


def choix(filtres, par):
    """Ce que les filtres proposent : les années, les natures et, pour qui lit plusieurs équipes, celles-ci."""
    equipes = Equipe.objects.all() if par.a_fonction("DIRECTION") else Equipe.objects.filter(pk__in=mes_equipes(par))
    annee = horloge.aujourd_hui().year
    return {
        "annees": range(annee, annee - 6, -1),
        "natures": list(ActionCollective.objects.all()),
        "equipes": list(equipes) if par.a_fonction("DIRECTION") or len(mes_equipes(par)) > 1 else [],
    }


def mes_equipes(par):
    """Les clés des équipes dont `par` lit les actions."""
    return {par.equipe_id, *par.equipes_supervisees} - {None}


def objectifs_dits(collective):
    """Les objectifs du PRAPS d'une action, en toutes lettres."""
    libelles = ObjectifPraps.objects.libelles() if collective.objectifs else {}
    return [libelles.get(code, code) for code in collective.objectifs]
