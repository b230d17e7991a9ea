"""Formulaires de la sortie : recoter un axe, dire le cadre, inscrire un risque, noter la parole et les copies, écrire un additif."""

from itertools import groupby

from django import forms

from diagnostics.forms import NIVEAUX, SANS_AVIS, zone
from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import Axe, MotifSortie, RisqueResiduel
from securisation.parcours.forms import oui_non
from securisation.socle.formulaires import ChampJour, FormulaireDActe
from sorties.models import Sortie, en_clair

RELAIS, ASSUME = "relais", "assume"
PLUSIEURS_AXES = "Plusieurs axes"


class ChoixEnClair(forms.ModelChoiceField):
    """Un choix de nomenclature, écrit sans ses notes de rédaction."""

    def label_from_instance(self, obj):
        return en_clair(obj.libelle)


class FormulaireCotation(GardeMixin, FormulaireDActe):
    """Le niveau d'un axe à la sortie, celui de la personne et ses mots."""

    champs_gardes = ("parole",)
    criticite = forms.TypedChoiceField(
        label="Niveau à la sortie",
        choices=NIVEAUX,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un niveau de criticité."},
    )
    criticite_de_la_personne = forms.ChoiceField(
        label="À quel niveau la personne place-t-elle cet axe ?",
        choices=[],
        required=False,
        widget=forms.RadioSelect,
    )
    parole = zone("Ses mots", 2000, 3, "Tels qu’elle les a dits. Le texte est vérifié avant l’enregistrement.")

    def __init__(self, data=None, *, niveaux=(), objet=None, **options):
        super().__init__(data, objet=objet, **options)
        choix = [(str(n["valeur"]), f"{n['valeur']} · {n['libelle']}") for n in niveaux] or NIVEAUX
        self.fields["criticite_de_la_personne"].choices = [*choix, (SANS_AVIS, "Ne se prononce pas")]
        if objet is not None and objet.sans_avis_de_la_personne:
            self.initial["criticite_de_la_personne"] = SANS_AVIS

    def champs(self):
        lus, personne = self.cleaned_data, self.cleaned_data["criticite_de_la_personne"]
        return {
            "criticite": lus["criticite"],
            "criticite_de_la_personne": int(personne) if personne not in ("", SANS_AVIS) else None,
            "sans_avis_de_la_personne": personne == SANS_AVIS,
            "parole": lus["parole"],
        }


class FormulaireCadre(GardeMixin, FormulaireDActe):
    """Pourquoi le parcours s'arrête, et qui a coté."""

    champs_gardes = ("evaluateur_precision",)
    motif = ChoixEnClair(
        label="Pourquoi le parcours s’arrête-t-il ?",
        queryset=MotifSortie.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choisissez un motif de sortie."},
    )
    evaluateur_identique = oui_non(
        "La sortie est-elle cotée par la même personne que l’entrée ?",
        error_messages={"required": "Dites si l’évaluateur est le même."},
        help_text="Quand ce n’est pas la même, le bilan le dit.",
    )
    evaluateur_precision = forms.CharField(label="Sinon, par qui", max_length=300, required=False)

    def __init__(self, data=None, *, objet=None, **options):
        super().__init__(data, objet=objet, **options)
        self.fields["motif"].queryset = MotifSortie.objects.ouverts()
        if objet is not None and objet.evaluateur_identique is not None:
            self.initial["evaluateur_identique"] = "oui" if objet.evaluateur_identique else "non"


class FormulaireRisque(GardeMixin, FormulaireDActe):
    """Un risque qui reste : ce qu'il est, qui prend le relais ou pourquoi personne, et le signe qui doit alerter."""

    champs_gardes = ("relais", "motif", "signal_d_alerte")
    action = forms.ModelChoiceField(queryset=None, to_field_name="uuid", required=False, widget=forms.HiddenInput)
    risque = ChoixEnClair(
        label="Le risque",
        queryset=RisqueResiduel.objects.none(),
        empty_label="Choisir dans la nomenclature",
        error_messages={"required": "Choisissez un risque."},
    )
    facteur = forms.ModelChoiceField(
        label="Le facteur en cause",
        queryset=None,
        required=False,
        empty_label="Aucun en particulier",
        help_text="Parmi ceux retenus au diagnostic, sur l’axe du risque.",
    )
    suite = forms.ChoiceField(
        label="Qui prend le relais ?",
        choices=[(RELAIS, "Un relais est nommé"), (ASSUME, "Personne : le risque est assumé")],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites s’il y a un relais, ou si le risque est assumé."},
    )
    relais = forms.CharField(
        label="Nom du relais",
        max_length=200,
        required=False,
        help_text="Une structure, un service, une personne : qui la personne peut appeler.",
    )
    relais_confirme_le = ChampJour(
        label="Relais confirmé le", required=False, help_text="Le jour où il a dit oui. La validation l’attend."
    )
    motif = zone("Pourquoi ce risque est assumé", 1000, 2)
    signal_d_alerte = forms.CharField(
        label="Le signe qui doit alerter",
        max_length=300,
        required=False,
        help_text="Un signe que la personne peut reconnaître elle-même : « Un courrier de la Banque de France ».",
    )
    echeance = ChampJour(label="Échéance connue", required=False)

    def __init__(self, data=None, *, sortie, objet=None, axe=None, sensible=None, **options):
        super().__init__(data, objet=objet, **options)
        self.fields["risque"].queryset = RisqueResiduel.objects.ouverts()
        sensible = sortie.parcours.a_accord("SENSIBLE") if sensible is None else sensible
        facteurs = sortie.facteurs_constates()
        self.fields["facteur"].queryset = facteurs if sensible else facteurs.filter(revele_la_sante=False)
        self._ranger_par_axe(axe)
        self.fields["action"].queryset = sortie.parcours.intervention.actions.all()
        if objet is not None and objet.pk:
            self.initial["suite"] = ASSUME if objet.assume else RELAIS
            self.initial["action"] = objet.action.uuid if objet.action else None

    def _ranger_par_axe(self, axe):
        """Les deux listes, sous le nom de leurs axes ; d'abord celui d'où l'on vient."""
        risques, facteurs = self.fields["risque"], self.fields["facteur"]
        libelles = _noms_des_axes()
        groupes = {code: [] for code in sorted(libelles, key=lambda code: code != axe)} | {"": []}
        for risque in risques.queryset:
            code = risque.axes[0] if len(risque.axes) == 1 else ""
            groupes.setdefault(code, []).append((risque.pk, risques.label_from_instance(risque)))
        risques.choices = [
            ("", risques.empty_label),
            *((libelles.get(code, PLUSIEURS_AXES), choix) for code, choix in groupes.items() if choix),
        ]
        par_axe = groupby(facteurs.queryset, key=lambda facteur: facteur.axe.libelle)
        groupes = [(nom, [(facteur.pk, en_clair(facteur.libelle)) for facteur in suite]) for nom, suite in par_axe]
        facteurs.choices = [("", facteurs.empty_label), *groupes]

    def clean(self):
        donnees = super().clean()
        self._accorder_le_facteur(donnees)
        suite = donnees.get("suite")
        if suite == RELAIS:
            self._exiger("relais", "Nommez le relais.")
            self._vider("motif", "Un motif ne s’écrit que pour un risque assumé.")
        if suite == ASSUME:
            self._exiger("motif", "Dites pourquoi ce risque est assumé.")
            self._vider("relais", "Un risque assumé n’a pas de relais : choisissez l’un ou l’autre.")
            self._vider("relais_confirme_le", "Un risque assumé n’a pas de relais à confirmer.")
        return donnees

    def _accorder_le_facteur(self, donnees):
        """Un facteur que la page proposait ne suit pas un risque d'un autre axe ; choisi à la main, il sera refusé."""
        risque, facteur = donnees.get("risque"), donnees.get("facteur")
        if risque and facteur and "facteur" not in self.changed_data and facteur.axe.code not in risque.axes:
            donnees["facteur"] = None

    def _exiger(self, nom, phrase):
        if not self.cleaned_data.get(nom) and nom not in self.errors:
            self.add_error(nom, phrase)

    def _vider(self, nom, phrase):
        """Ce que la page avait rempli s'efface avec la réponse ; ce que l'on vient d'écrire ne se perd pas, il se refuse."""
        if nom not in self.changed_data:
            self.cleaned_data[nom] = getattr(self.fields[nom], "empty_value", None)
        elif self.cleaned_data.get(nom):
            self.add_error(nom, phrase)

    def champs(self):
        lus = super().champs()
        return lus | {"assume": lus.pop("suite") == ASSUME}


def _noms_des_axes():
    """Code → libellé, dans l'ordre."""
    return dict(Axe.objects.order_by("ordre", "code").values_list("code", "libelle"))


class FormulaireParole(GardeMixin, FormulaireDActe):
    """Les mots de la personne sur son parcours, et son désaccord."""

    champs_gardes = ("parole_de_la_personne", "desaccord_de_la_personne")
    parole_de_la_personne = zone("Ses mots sur le parcours", 2000, 4, "Tels qu’elle les a dits.")
    desaccord_de_la_personne = zone(
        "Son désaccord", 2000, 3, "Ce qu’elle ne partage pas dans ce bilan. Il y figure tel quel."
    )
    sans_parole = forms.BooleanField(label="La personne n’a pas souhaité s’exprimer", required=False)

    def clean(self):
        donnees = super().clean()
        if donnees.get("sans_parole") and (
            donnees.get("parole_de_la_personne") or donnees.get("desaccord_de_la_personne")
        ):
            self.add_error("sans_parole", "Notez ses mots, ou qu’elle n’a pas souhaité s’exprimer : pas les deux.")
        return donnees


class FormulaireRemise(FormulaireDActe):
    """Les copies remises à la personne."""

    remis_a_la_personne = forms.MultipleChoiceField(
        label="Ce qui est remis à la personne",
        choices=Sortie.Remis.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez ce qui est remis, ou qu’elle ne souhaite aucune copie."},
    )

    def clean_remis_a_la_personne(self):
        """Une copie, ou aucune."""
        remis = self.cleaned_data["remis_a_la_personne"]
        if Sortie.Remis.RIEN in remis and len(remis) > 1:
            raise forms.ValidationError("Une copie est remise, ou aucune : pas les deux.")
        return remis


class FormulaireAdditif(GardeMixin, FormulaireDActe):
    """Une correction ou un fait connu plus tard."""

    champs_gardes = ("motif", "texte")
    motif = forms.CharField(label="Pourquoi cet additif", max_length=300)
    texte = forms.CharField(label="Ce qui est ajouté", max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
