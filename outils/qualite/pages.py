"""Les pages que Jalon photographie et mesure : une ligne chacune.

nom | compte | état | d'où l'on part, puis les gestes : lien X, bouton X, menu X, aller /x, remplir texte, comme compte,
coupure (plus de réseau), ailleurs bouton (le même formulaire envoyé d'un autre onglet d'abord). Celles qui écrivent sont à la fin.
"""

from dataclasses import dataclass

from outils.commun import Panne

LISTE = """
connexion | - | plein | /connexion/
demonstration | - | plein | /demonstration/
mes-parcours | awa | plein | /
mes-parcours-vide | elsa | vide | /
parcours | awa | plein | / > lien Karim
"""
STATUTS = {
    "plein": (200,),
    "vide": (200,),
    "figé": (200,),
    "erreur": (422, 400),
    "interdit": (403, 404),
    "conflit": (409,),
    "hors ligne": (200,),
}


@dataclass(frozen=True)
class Fiche:
    """Une page : son nom, qui l'ouvre, dans quel état, par quels gestes."""

    nom: str
    compte: str
    etat: str
    chemin: str

    @property
    def adressable(self):
        """Vrai quand son adresse suffit à la rouvrir : aucun geste n'y envoie rien."""
        return self.etat in ("plein", "vide", "figé", "interdit") and "bouton" not in self.chemin

    def verifier(self, page):
        """Panne si le dernier document rendu n'a pas le statut de cet état."""
        statut = page.reponses[-1].status
        if statut not in STATUTS[self.etat]:
            raise Panne(f"{page.url} répond {statut}")


def fiches():
    """La liste, dans l'ordre où elle s'ouvre."""
    lignes = [ligne for ligne in LISTE.strip().splitlines() if ligne.strip()]
    return [Fiche(*(mot.strip() for mot in ligne.split("|"))) for ligne in lignes]


def choisir(noms):
    """Les fiches de ces noms ; toutes sans nom. Un nom inconnu est une panne."""
    toutes = fiches()
    inconnus = sorted(set(noms) - {fiche.nom for fiche in toutes})
    if inconnus:
        raise Panne(f"page inconnue : {', '.join(inconnus)} (voir outils/qualite/pages.py).")
    return [fiche for fiche in toutes if not noms or fiche.nom in noms]
