"""La porte d'écriture : une transition verrouille, vérifie, agit, enregistre et laisse sa trace, dans une seule transaction."""

from dataclasses import dataclass
from functools import wraps

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import class_prepared

from .refus import DroitRefuse, Introuvable, Refus
from .trace import modele_parcours, porte_est_ouverte, porte_ouverte

NOUVEAU = "(nouveau)"
REGISTRE = []


class EtatRefuse(Refus):
    """L'acte n'est pas possible dans l'état présent de l'objet (409)."""


class TraitementLimite(Refus):
    """La personne a demandé de limiter le traitement de ses données : le dossier se garde, il ne se remplit plus (409)."""

    titre = "La personne a demandé de limiter le traitement de ses données"
    que_faire = (
        "Le dossier reste lisible et ses accords se suivent, mais rien d'autre ne s'y écrit. "
        "La limitation se lève depuis la page « Droits de la personne » du parcours. Rien n'a été enregistré."
    )


class AccordManquant(Refus):
    """L'acte demande un accord de la personne qui n'est pas, ou n'est plus, recueilli (409)."""

    titre = "L'accord de la personne manque"
    que_faire = (
        "Recueillez et enregistrez cet accord sur la page du parcours, puis recommencez. Rien n'a été enregistré."
    )


class Conflit(Refus):
    """Le formulaire a été construit sur une version dépassée (409) : les deux textes sont rendus côte à côte."""

    titre = "Quelqu'un a enregistré avant vous"
    que_faire = (
        "Vos mots sont ci-dessous, à côté de ceux qui sont enregistrés : choisissez ou réunissez, puis enregistrez."
    )
    gabarit = "conflit.html"

    def __init__(self, objet, saisie):
        super().__init__()
        self.objet, self.saisie = objet, saisie

    @property
    def montre(self):
        """La page rend ce qui est enregistré : c'est une lecture de cet objet."""
        return self.objet

    def contexte(self, request):
        lignes = list(self._lignes(request.POST))
        return {
            "refus": self,
            "version": self.objet.version,
            "lignes": lignes,
            "pareilles": not any(ligne["differe"] for ligne in lignes),
            "chemin": request.path,
        }

    def _lignes(self, post):
        """Une ligne par nom envoyé ; seuls les champs que l'acte a reçus, donc ceux du formulaire, montrent l'enregistré."""
        champs = {champ.name: champ for champ in self.objet._meta.concrete_fields if champ.name in self.saisie}
        for nom in post:
            if nom in {"csrfmiddlewaretoken", "version", "jeton"}:
                continue
            champ, envoyees = champs.get(nom), post.getlist(nom)
            if champ is None:
                yield {"nom": nom, "libelle": nom, "envoyees": envoyees, "enregistre": "", "differe": False}
                continue
            valeur = getattr(self.objet, champ.attname)
            enregistre = _en_saisie(champ, valeur)
            yield {
                "nom": nom,
                "libelle": str(champ.verbose_name).capitalize(),
                "envoyees": envoyees,
                "enregistre": enregistre,
                # Un oui ou non s'envoie de plusieurs façons (« on », « non ») : c'est ce que le formulaire en a compris qui compte.
                "differe": self.saisie[nom] != valeur if isinstance(valeur, bool) else envoyees != [enregistre],
                "long": champ.get_internal_type() == "TextField",
                "enregistre_texte": _en_mots(champ, getattr(self.objet, nom), enregistre),
                "envoye_texte": _en_mots(champ, self.saisie[nom], envoyees[0]),
            }


def _en_saisie(champ, valeur):
    """La valeur enregistrée, écrite comme un formulaire l'envoie."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "on" if valeur else ""
    return f"{valeur:%d/%m/%Y}" if champ.get_internal_type() == "DateField" else str(valeur)


def _en_mots(champ, valeur, saisie):
    """La même valeur, telle qu'elle se lit : nom d'une ligne de nomenclature (déjà lue par le formulaire), libellé d'un choix."""
    if champ.is_relation:
        return str(valeur) if isinstance(valeur, models.Model) else saisie
    return str({str(cle): mot for cle, mot in champ.flatchoices}.get(saisie, saisie))


@dataclass(frozen=True)
class Regle:
    """Une transition telle que déclarée : de quoi faire boutons, essais, table des droits et documentation."""

    modele: str
    nom: str
    de: tuple
    vers: str | None
    permission: str | None
    finalite: object
    apres_cloture: bool
    doc: str


def transition(*, de=None, vers=None, permission=None, finalite=None, apres_cloture=False):
    """Déclare un acte. `de` : états permis (None : tous) ; `vers` : état d'arrivée (None : inchangé).

    `permission` : mot de la table des droits, None pour un acte qu'une autre transition seule peut appeler.
    `finalite` : accords exigés (code, suite de codes, ou fonction de l'objet). `apres_cloture` : permis sur un parcours figé.
    Le corps peut rendre une fonction sans argument : elle est appelée après l'enregistrement (quand l'objet a sa clé).
    Appel : `objet.acte(par=professionnel, version=entier ou None, **champs)`. Rend l'objet.
    """

    def decorer(corps):
        @wraps(corps)
        def acte(self, *, par, version=None, **champs):
            return _executer(self, corps, acte.regle, par, version, champs)

        acte.regle = None
        acte.decrire = lambda modele: Regle(
            modele,
            corps.__name__,
            tuple(de or ()),
            vers,
            permission,
            finalite,
            apres_cloture,
            (corps.__doc__ or "").strip(),
        )
        return acte

    return decorer


def _executer(objet, corps, regle, par, version, champs):
    with transaction.atomic():
        parcours = _verrouiller(objet)
        _verifier_etat(objet, regle)
        _verifier_droit(objet, parcours, regle, par)
        _verifier_accord(objet, parcours, regle)
        if version is not None and version != objet.version:
            raise Conflit(objet, champs)
        avant = (objet.__dict__.copy(), objet._state.adding, dict(objet._state.fields_cache))
        try:
            with porte_ouverte(par, regle.nom):
                ensuite = corps(objet, par=par, **champs)
                if regle.vers is not None:
                    objet.etat = regle.vers
                objet.save()
                if ensuite is not None:
                    ensuite()
        except (Refus, ValidationError):
            # La base annule ; l'objet en mémoire revient aussi à ce qu'il était.
            objet.__dict__.clear()
            objet.__dict__.update(avant[0])
            objet._state.adding, objet._state.fields_cache = avant[1:]
            raise
    return objet


def _verrouiller(objet):
    """Verrouille le parcours puis l'objet, toujours dans cet ordre, et les relit. Rend le parcours (None s'il n'existe pas encore)."""
    parcours = objet.parcours_de_rattachement
    if parcours is None or not parcours.pk:
        return None
    parcours.refresh_from_db(from_queryset=type(parcours).objects.select_for_update(of=("self",), no_key=True))
    if parcours is objet:
        return parcours
    if not objet._state.adding:
        _verrouiller_la_ligne(objet)
    elif "__" in objet.vers_parcours:
        getattr(objet, objet.vers_parcours.split("__")[0]).refresh_from_db()
    objet.rattacher(parcours)
    return parcours


def _verrouiller_la_ligne(objet):
    """Relit l'objet sous verrou. Le mur (cloison.py) cache à qui lit seulement la ligne qu'il voudrait écrire."""
    try:
        objet.refresh_from_db(from_queryset=type(objet).objects.select_for_update(of=("self",), no_key=True))
    except type(objet).DoesNotExist as absente:
        raise (DroitRefuse() if type(objet).objects.filter(pk=objet.pk).exists() else Introuvable()) from absente


def _verifier_etat(objet, regle):
    etat = NOUVEAU if objet._state.adding else getattr(objet, "etat", None)
    if regle.de and etat not in regle.de:
        nom = regle.nom.replace("_", " ")
        lisible = (
            getattr(objet, "get_etat_display", lambda: "enregistré")() if etat != NOUVEAU else "pas encore enregistré"
        )
        raise EtatRefuse(
            f"« {nom} » n'est pas possible : {objet._meta.verbose_name} est « {lisible} ».".replace("  ", " ")
        )


def _verifier_droit(objet, parcours, regle, par):
    if parcours is not None and parcours.est_fige and not regle.apres_cloture:
        raise EtatRefuse(
            "Ce parcours est clos : il ne se modifie plus.",
            que_faire="Une correction s'écrit en additif, avec son motif.",
        )
    if regle.permission is None:
        if not porte_est_ouverte():
            raise DroitRefuse()
        return
    if parcours is not None and not parcours.permet_en_limitation(regle.permission):
        raise TraitementLimite()
    if par is None or not modele_parcours().autorise(par, regle.permission, parcours):
        raise DroitRefuse()


def _verifier_accord(objet, parcours, regle):
    finalite = regle.finalite(objet) if callable(regle.finalite) else regle.finalite
    for code in [finalite] if isinstance(finalite, str) else finalite or ():
        if not parcours.a_accord(code):
            raise AccordManquant(parcours.accord_demande(code))


class AvecEtat(models.Model):
    """Objet qui a une vie : son `etat` ne change que par ses transitions."""

    class Meta:
        abstract = True

    def possibles(self, par):
        """Noms des transitions permises à `par` dans l'état présent ; les boutons d'une page viennent d'ici."""
        parcours = self.parcours_de_rattachement
        etat = NOUVEAU if self._state.adding else self.etat
        return [
            regle.nom
            for regle in REGISTRE
            if regle.modele == self._meta.label
            and regle.permission
            and (not regle.de or etat in regle.de)
            and (parcours is None or (regle.apres_cloture or not parcours.est_fige))
            and (parcours is None or parcours.permet_en_limitation(regle.permission))
            and modele_parcours().autorise(par, regle.permission, parcours)
        ]


def inscrire_les_transitions(sender, **kwargs):
    """Donne sa règle à chaque transition d'un modèle, dès que sa classe est prête."""
    for acte in list(vars(sender).values()):
        if hasattr(acte, "decrire"):
            acte.regle = acte.decrire(sender._meta.label)
            REGISTRE.append(acte.regle)


class_prepared.connect(inscrire_les_transitions, dispatch_uid="socle.transitions")
