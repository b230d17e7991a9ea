"""Un événement de la piste, dans les mots de l'écran."""

from dataclasses import dataclass

from django.apps import apps
from django.urls import reverse

from securisation.comptes.models import Fonction
from securisation.socle.templatetags.jalon import compte
from securisation.synthese.historique import PAGES, Ecart, en_json, page_dite
from securisation.synthese.piste.filtres import EDITIONS, NATURES

ICONES = {
    "refus": "shield-x",
    "demande refusée": "shield-x",
    "demande arrêtée": "shield-x",
    "connexion refusée": "shield-x",
    "invitation refusée": "shield-x",
    "fichier refusé": "shield-x",
    "connexion": "key",
    "déconnexion": "logout",
    "liste": "list",
    "recherche": "search",
    "export": "file-download",
    "effacement": "history",
    "import_depose": "table-import",
    "import_fini": "table-import",
    "lot demandé": "file-text",
    "lot annulé": "file-text",
    "coordonnees": "phone",
    "piste": "shield-check",
    "alerte": "bell",
    "alerte regardée": "bell",
    "justification": "message",
    "ancrage": "link",
    "confirmation": "fingerprint",
    "sessions terminées": "logout",
    "mot de passe changé": "key",
    "moyen de connexion ajouté": "key",
    "moyen de connexion retiré": "key",
    "second facteur retiré": "key",
    "courriel non envoyé": "mail",
    "document vérifié": "shield-check",
    **dict.fromkeys(["compte créé", "compte modifié", "comptes invités fermés"], "user"),
    **dict.fromkeys(EDITIONS, "report-analytics"),
    **dict.fromkeys(["fonction proposée", "fonction confiée", "fonction refusée"], "user-check"),
    **dict.fromkeys(["structure ajoutée", "structure modifiée", "structure vérifiée"], "address-book"),
    **dict.fromkeys(["texte d'accord écrit", "texte d'accord publié"], "signature"),
    **dict.fromkeys(
        ["référentiel chargé", "nomenclature ajoutée", "nomenclature modifiée", "nomenclature relue", "délai vérifié"],
        "books",
    ),
    **dict.fromkeys(["mot de la garde ajouté", "mot de la garde retiré"], "shield-check"),
    **dict.fromkeys(["absence posée", "absence retirée"], "calendar-off"),
    **dict.fromkeys(["lien d’agenda créé", "lien d’agenda révoqué", "agenda lu par son lien"], "calendar-event"),
}
LISTES = {
    "pilotage:editions": "les éditions publiées",
    "pilotage:conventions": "les conventions",
    "synthese:mes_parcours": "« mes parcours »",
    "synthese:contact": "le choix d’une personne pour noter un contact",
    "synthese:prevoir": "le choix d’une personne pour prévoir un rendez-vous",
    "parcours:ouvrir": "le formulaire d’ouverture d’un parcours",
    "parcours:importer": "ses imports",
}
REFUS = {
    "Introuvable": "Introuvable, ou fermé à ce compte",
    "DroitRefuse": "Hors des droits de ce compte",
    "AccordManquant": "L’accord de la personne manque",
    "EtatRefuse": "L’état du dossier ne le permet pas",
    "Conflit": "Quelqu’un avait enregistré avant",
    "SaisieRefusee": "Envoi illisible",
    "TropDeLectures": "Trop de dossiers ouverts dans l’heure",
    "ConfirmationRequise": "Confirmation d’identité trop ancienne",
}
# Ce que le serveur refuse avant toute page, par statut HTTP.
DEMANDES = {
    403: "Envoi sans preuve d’origine : formulaire périmé, ou venu d’ailleurs",
    404: "Adresse inconnue",
    405: "Façon de demander que cette page n’admet pas",
    413: "Envoi trop lourd",
    429: "Trop de demandes à la suite",
}
ARRETEES = {"hôte": "Nom de site forgé", "session": "Session inconnue, ou terminée"}
HORS = "hors de l'application"  # ce que la base dit d'une écriture qui n'est passée par aucune porte


@dataclass
class Trait(Ecart):
    """Un événement de la piste : l'écart de l'historique, et de quel dossier, que l'on voit ou non."""

    chaine: int = 0
    numero: str | None = None
    uuid: str | None = None
    visible: bool = False
    nom: str | None = None
    metier: str | None = None  # de qui n'est d'aucune équipe

    @property
    def place(self):
        """(quand, chaîne, rang) : où repart la page suivante."""
        return self.quand, self.chaine, self.seq

    @property
    def nature(self):
        """« w » écriture, « r » refus, « l » lecture et le reste : pour le dessin."""
        return "r" if self.action in NATURES["refus"][1] else super().nature

    @property
    def icone(self):
        return ICONES.get(self.action) or super().icone

    @property
    def phrase(self):
        """« a ouvert l’intervention », « a demandé la page du parcours »."""
        if self.action in ("refus", "demande refusée"):
            page = self.charge.get("route", "")
            return f"a demandé {PAGES.get(page) or page_dite(page)}" if page else "a demandé une page"
        if self.action == "liste":
            page = self.charge.get("page", "")
            return f"a ouvert {LISTES.get(page) or PAGES.get(page) or page_dite(page)}"
        return super().phrase

    @property
    def dossier(self):
        """De quel dossier : la personne pour qui la voit, sinon le numéro ; rien hors d'un dossier."""
        return (self.nom or self.numero or "Un dossier effacé") if self.chaine > 0 else ""

    @property
    def detail(self):
        """La seconde ligne : le dossier, ce dont il s'agit, pourquoi c'est refusé."""
        morceaux = [self.dossier, self.sujet]
        morceaux += self._precisions()
        if self.nature == "w" and self.motif.startswith(HORS):
            morceaux.append(self.motif.capitalize())
        if not self.visible and (noms := self.champs_changes):
            morceaux.append(f"Champs changés : {', '.join(noms)}")
        if self.reprise:
            morceaux.append(f"Repris du {self.reprise}")
        return ". ".join(morceau.rstrip(".") for morceau in morceaux if morceau)

    def _precisions(self):
        """Ce que la charge ajoute à la phrase : pourquoi un refus, quelle fonction, combien de lignes."""
        lue = self.charge
        if self.action == "refus":
            yield REFUS.get(lue.get("genre"), "Demande refusée")
        elif self.action == "demande refusée":
            yield DEMANDES.get(lue.get("statut"), "Demande refusée")
        elif self.action == "demande arrêtée":
            yield ARRETEES.get(lue.get("cause"), "")
        elif self.action.startswith("fonction "):
            yield dict(Fonction.Genre.choices).get(lue.get("genre"), "")
        elif self.action == "export" and "lignes" in lue:
            yield compte(lue["lignes"], "ligne,lignes")
        if lue.get("tues"):
            yield compte(lue["tues"], "autre semblable,autres semblables")

    @property
    def champs_changes(self):
        """Libellés des champs qu'une modification a touchés, sans leurs valeurs."""
        colonnes = self.charge.get("champs") or []
        if not colonnes or not self.modele:
            return []
        libelles = {
            champ.column: str(champ.verbose_name) for champ in apps.get_model(self.modele)._meta.concrete_fields
        }
        return [libelles[colonne] for colonne in colonnes if colonne in libelles]

    @property
    def adresse(self):
        """La page du parcours, pour qui le voit."""
        return reverse("synthese:parcours", args=[self.uuid]) if self.visible else ""


def trait(ligne):
    """L'événement d'une ligne de la piste."""
    seq, quand, fait_le, action, motif, modele, charge, empreinte, qui, chaine, numero, uuid, visible, nom, metier = (
        ligne
    )
    charge, maillon = en_json(charge), bytes(empreinte).hex()[:12]
    acteur = qui or ("L’application" if chaine else "Quelqu’un qui n’est pas connecté")
    ecart = (seq, quand, fait_le, action, motif, modele, charge, maillon, acteur)
    return Trait(*ecart, chaine=chaine, numero=numero, uuid=uuid, visible=visible, nom=nom, metier=metier)
