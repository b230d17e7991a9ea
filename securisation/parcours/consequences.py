"""Ce qu'un retrait d'accord entraîne, en chiffres, avant qu'il ait lieu. Chaque étage inscrit, dans son `consequences.py`,
ce qu'il sait compter et ce qu'il garde sous l'accord sur les données sensibles."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils.module_loading import autodiscover_modules

from securisation.documents.models import COTE_A_COTE, Document, Etat
from securisation.socle.templatetags.jalon import compte

_COMPTES: dict[str, list[Callable]] = {}
_COUVERTS: list["Couvert"] = []


@dataclass(frozen=True)
class Couvert:
    """Ce qu'un étage garde sous l'accord SENSIBLE : les objets de ce modèle qui remplissent la condition.

    `libelle` : « facteur,facteurs », `feminin` s'il s'accorde ainsi. `textes` : champs de texte libre, comptés à part.
    `avant(parcours, objets)` : ce qui les cite sans être suivi (brouillons, échéances), ôté avec eux.
    """

    modele: type
    condition: Q
    libelle: str
    textes: tuple = ()
    avant: Callable | None = None
    feminin: bool = False

    def objets(self, parcours):
        """Ceux de ce parcours, en queryset Django ordinaire."""
        return models.QuerySet(self.modele).filter(self.condition, **{self.modele.vers_parcours: parcours})

    def cles(self, parcours):
        """Clés de ceux de ce parcours, présents ou supprimés depuis : leur historique les nomme aussi."""
        passes = self.modele.history.model.objects.filter(self.condition, **{self.modele.vers_parcours: parcours})
        return sorted({*self.objets(parcours).values_list("pk", flat=True), *passes.values_list("id", flat=True)})


def couvre(*couverts):
    """Inscrit ce qu'un étage garde sous l'accord sur les données sensibles ; l'étage du dessus s'inscrit après."""
    _COUVERTS.extend(couverts)


def couverts():
    """Ce que l'accord sur les données sensibles couvre, les étages du dessus d'abord : qui cite passe avant ce qui est cité."""
    autodiscover_modules("consequences")
    return list(reversed(_COUVERTS))


def compter(*finalites):
    """Inscrit une fonction accord → couples (nombre, « suite au singulier,suite au pluriel ») pour ces finalités."""

    def decorer(fonction):
        for code in finalites:
            _COMPTES.setdefault(code, []).append(fonction)
        return fonction

    return decorer


def consequences(accord):
    """Les conséquences du retrait de cet accord, prêtes pour la page de confirmation ({chiffre, texte}) ; un compte nul se tait."""
    autodiscover_modules("consequences")
    comptes = [couple for fonction in _COMPTES.get(accord.finalite.code, []) for couple in fonction(accord)]
    lignes = [{"chiffre": nombre, "texte": _au_nombre(nombre, phrase)} for nombre, phrase in comptes if nombre]
    dite = DITES.get(accord.finalite.code, PAR_DEFAUT)
    if accord.finalite.code == "PARTAGE" and not lignes:
        dite = SANS_LECTEUR
    return [*lignes, {"texte": dite.format(canal=accord.canal)}]


PAR_DEFAUT = "L’accord cesse de valoir à la prochaine page ouverte, pour tout le monde."
SANS_LECTEUR = "Ce destinataire ne lit rien ici : prévenez-le que l’accord cesse de valoir."
DITES = {
    "ADHESION": "Le parcours est interrompu aussitôt : il se lit encore, plus rien ne s’y écrit.",
    "PARTAGE": "La prochaine page que ce destinataire ouvre lui est refusée, même déjà affichée.",
    "CONTACT": "La personne n’est plus contactée par ce moyen ({canal}).",
    "STATISTIQUES": "Le parcours n’est plus compté dans les rapports à venir.",
    "PAROLE": "Les fichiers d’une édition déjà publiée, figés, gardent ses mots ; un fichier déjà remis ne se reprend pas.",
    "SENSIBLE": "Ce qui est effacé ne se retrouve pas, dans l’historique non plus.",
}


def _au_nombre(nombre, phrase):
    singulier, pluriel = phrase.split(",")
    return pluriel if nombre > 1 else singulier


# -- ce que cet étage sait compter


@compter("ADHESION")
def documents_en_file(accord):
    """Les documents demandés qui ne seront pas produits."""
    dus = Document.objects.filter(parcours=accord.parcours_id, etat=Etat.DEMANDE, finalites__contains=["ADHESION"])
    yield dus.count(), "document en cours est annulé,documents en cours sont annulés"


@compter("PARTAGE")
def fiches_annulees(accord):
    """Les fiches de liaison faites pour ce destinataire, qui ne se téléchargeront plus."""
    fiches = Document.objects.filter(parcours=accord.parcours_id, pour=str(accord.uuid)).exclude(etat=Etat.ANNULE)
    yield fiches.count(), "fiche de liaison est annulée,fiches de liaison sont annulées"


@compter("ADHESION")
def dus_leves(accord):
    """Ce qui était dû et ne l'est plus."""
    yield accord.parcours.echeances.count(), "échéance est levée,échéances sont levées"


@compter("SENSIBLE")
def valeurs_effacees(accord):
    """Ce qui révèle la santé, modèle par modèle, et les documents qui le nomment."""
    for couvert in couverts():
        objets = list(couvert.objets(accord.parcours))
        ecrits = sum(bool(getattr(objet, nom)) for objet in objets for nom in couvert.textes)
        avec = f" avec {compte(ecrits, 'texte écrit,textes écrits')}" if ecrits else ""
        (un, des), e = couvert.libelle.split(","), "e" if couvert.feminin else ""
        yield len(objets), f"{un} sera effacé{e}{avec},{des} seront effacé{e}s{avec}"
    nomment = Document.objects.filter(parcours=accord.parcours_id).qui_revelent_la_sante()
    genres = list(nomment.values_list("genre", flat=True))
    seuls = sum(genre in COTE_A_COTE for genre in genres)  # rien ne les refait
    suite = "se télécharge plus ; une édition sans ces données le remplace"
    yield len(genres) - seuls, f"document ne {suite},documents ne {suite.replace('se télécharge', 'se téléchargent')}"
    yield seuls, "courrier est effacé,courriers sont effacés"
