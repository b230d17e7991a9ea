"""Formulaires de l'intervention : démarrage, action et issue, suspension, prolongation, dérogation."""

import datetime

from django import forms

from interventions import silences
from interventions.models import Action
from interventions.models.action import ABANDON
from interventions.models.bornes import DEROGATION_MAX_JOURS
from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import IssueDemarche, Levier, ModeAction, MotifNonSollicitation
from securisation.comptes.models import Reglages
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe
from securisation.socle.templatetags.jalon import compte

OUI_NON = [("oui", "Oui"), ("non", "Non")]
SANS_CHOIX = {"required": "Choisissez une réponse."}


def texte(libelle, longueur, *, lignes=3, **options):
    """Zone de texte bornée."""
    return forms.CharField(label=libelle, max_length=longueur, widget=forms.Textarea(attrs={"rows": lignes}), **options)


def choix(libelle, choix, **options):
    """Question à réponse unique, sans réponse d'avance."""
    return forms.ChoiceField(
        label=libelle, choices=choix, widget=forms.RadioSelect, error_messages=SANS_CHOIX, **options
    )


class SuitesMixin(forms.BaseForm):
    """Champs exigés selon la réponse qui les précède (`SUITES`) : jamais dits facultatifs, c'est `clean` ou l'acte qui décide."""

    SUITES = ()
    use_required_attribute = False

    def full_clean(self):
        for nom in self.SUITES:
            self.fields[nom].required = False
        super().full_clean()
        for nom in self.SUITES:
            self.fields[nom].required = True


class FormulaireDemarrage(GardeMixin, FormulaireDActe):
    """Démarrer : objectif, durée, absence de conflit d'intérêts."""

    champs_gardes = ("objectif",)

    objectif = texte(
        "Objectif de l’intervention",
        1000,
        help_text="Ce que vous cherchez ensemble à sécuriser avant le terme, en une ou deux phrases.",
    )
    duree_jours = forms.IntegerField(label="Durée, en jours", min_value=1)
    declaration_absence_conflit_interet = forms.BooleanField(
        label="Je déclare n’avoir aucun conflit d’intérêts avec cette personne.",
        help_text="Lien familial, financier ou hiérarchique, mandat, logement… En cas de doute, parlez-en à votre superviseur.",
        error_messages={"required": "Sans cette déclaration, demandez un autre référent à votre superviseur."},
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        plafond = Reglages.actuels().duree_intervention_jours
        champ = self.fields["duree_jours"]
        champ.initial, champ.max_value = plafond, plafond
        champ.widget.attrs |= {"max": plafond}
        champ.help_text = f"{compte(plafond, 'jour,jours')} au plus. Le terme est calculé à partir d’aujourd’hui."


class ChoixDeLevier(forms.ModelChoiceField):
    """Les leviers de l'axe d'abord, les autres ensuite."""

    def ranger_pour(self, axe):
        """Range les leviers ouverts en deux groupes, selon cet axe."""
        self.queryset = Levier.objects.ouverts()
        groupes = ([], [])
        for levier in self.queryset:
            groupes[axe.code not in levier.axes].append((levier.pk, levier.libelle))
        noms = (f"Leviers de l’axe {axe.libelle.lower()}", "Autres leviers")
        self.choices = [("", "Choisir un levier"), *zip(noms, groupes, strict=True)]


class FormulaireAction(SuitesMixin, GardeMixin, FormulaireDActe):
    """Inscrire ou corriger une action : ce qu'elle est, puis les cinq questions de non-substitution."""

    champs_gardes = ("intitule", "ns1_precision", "ns3_justification", "ns4_relais")
    a_part = (*FormulaireDActe.a_part, "ns2", "ns4")
    SUITES = (
        "ns1_precision",
        "ns2_sollicite_le",
        "ns2_motif",
        "reponse_attendue_le",
        "ns3_justification",
        "ns4_relais",
    )

    intitule = forms.CharField(label="Que fait-on ?", max_length=300, help_text="Par exemple : dossier FSL maintien.")
    levier = ChoixDeLevier(label="Levier de droit commun", queryset=Levier.objects.none())
    mode = forms.ModelChoiceField(label="De quelle façon ?", queryset=ModeAction.objects.none(), empty_label="Choisir")
    ns1 = choix("Un levier de droit commun existe-t-il sur cet axe et ce territoire ?", Action.Reponse.choices)
    ns1_precision = forms.CharField(
        label="Qu’a-t-on cherché ?", max_length=500, help_text="Qui a été interrogé, et quand."
    )
    ns2 = choix("A-t-il été sollicité ?", OUI_NON)
    ns2_sollicite_le = ChampJour(label="Sollicité le")
    ns2_motif = forms.ModelChoiceField(
        label="Pour quel motif ?",
        queryset=MotifNonSollicitation.objects.none(),
        empty_label="Choisir",
    )
    reponse_attendue_le = ChampJour(
        label="Réponse attendue le",
        help_text="La date annoncée à la personne. Elle entre dans vos échéances.",
    )
    ns3 = choix("Qui fait la démarche ?", Action.Qui.choices)
    ns3_justification = forms.CharField(
        label="Pourquoi le dispositif seul ?",
        max_length=500,
        help_text="C’est un écart : il se justifie.",
    )
    ns4 = choix("La démarche continue-t-elle après la sortie, sans nous ?", OUI_NON)
    ns4_relais = forms.CharField(label="Qui prend le relais ?", max_length=200)
    ns5 = choix(
        "L’action relève-t-elle du soin, d’une expertise médicale ou d’une décision réservée à une institution ?",
        OUI_NON,
    )

    def __init__(self, *args, axe, figee=False, propose=None, **options):
        super().__init__(*args, **options)
        self._proposer(propose or {})
        self.fields["levier"].ranger_pour(axe)
        self.fields["mode"].queryset = ModeAction.objects.ouverts()
        self.fields["ns2_motif"].queryset = MotifNonSollicitation.objects.ouverts()
        if self.objet is not None and self.objet.pk:
            ns2 = "oui" if self.objet.ns2_sollicite_le else "non"
            self.initial |= {"ns2": ns2, "ns4": "oui" if self.objet.ns4_relais else "non", "ns5": "non"}
        for nom in ("intitule", "levier", "mode") if figee else ():
            # Une page ouverte avant le terme envoie encore ces champs : l'acte refuse alors un changement.
            self.fields[nom].disabled = nom not in self.data

    def _proposer(self, propose):
        """Pose ces réponses de départ (`substitution.proposer`) et dit, sous chaque question, d'où elles viennent."""
        self.initial |= {nom: valeur for nom, (valeur, _) in propose.items()}
        for nom, (_, pourquoi) in propose.items():
            if pourquoi:
                self.fields[nom].help_text = f"{pourquoi} Changez-la si ce n’est pas le cas."

    def clean(self):
        donnees = super().clean()
        self._selon("ns1", {"non": "ns1_precision", "inconnu": "ns1_precision"}, donnees)
        self._selon("ns2", {"oui": "ns2_sollicite_le", "non": "ns2_motif"}, donnees)
        self._selon("ns3", {Action.Qui.DISPOSITIF.value: "ns3_justification"}, donnees)
        self._selon("ns4", {"oui": "ns4_relais"}, donnees)
        if donnees.get("ns2") != "oui":
            donnees["reponse_attendue_le"] = None
        elif not donnees.get("reponse_attendue_le") and "reponse_attendue_le" not in self.errors:
            self._attendre(donnees)
        donnees["ns5"] = donnees.get("ns5") == "oui"
        return donnees

    def _attendre(self, donnees):
        """Sans date écrite, la réponse est attendue quand le silence prend effet ; le délai inconnu, la date se demande."""
        levier, sollicite_le = donnees.get("levier"), donnees.get("ns2_sollicite_le")
        regle = silences.regle_du_levier(levier) if levier and sollicite_le else None
        if regle:
            donnees["reponse_attendue_le"] = silences.compter(sollicite_le, regle, sollicite_le).effet_le
        else:
            self.add_error("reponse_attendue_le", "Indiquez quand une réponse est attendue.")

    def _selon(self, question, suites, donnees):
        """Exige la suite de la réponse donnée, et vide celles des autres réponses."""
        voulue = suites.get(donnees.get(question))
        for nom in set(suites.values()) - {voulue}:
            donnees[nom] = None if nom.startswith("ns2") else ""
        if voulue and not donnees.get(voulue) and voulue not in self.errors:
            self.add_error(voulue, "Complétez cette réponse.")


class FormulaireIssue(SuitesMixin, GardeMixin, FormulaireDActe):
    """Noter où en est une démarche."""

    champs_gardes = ("issue_note",)
    SUITES = ("issue_le",)
    SANS_REPONSE = ("DEM-ATT", "DEM-SIL")

    issue = forms.ModelChoiceField(
        label="Où en est la démarche ?",
        queryset=IssueDemarche.objects.none(),
        to_field_name="code",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages=SANS_CHOIX,
    )
    issue_le = ChampJour(
        label="Date de la réponse",
        help_text="Exigée si la démarche est incomplète, aboutie, refusée ou abandonnée.",
    )
    reponse_attendue_le = ChampJour(
        label="Nouvelle date attendue", required=False, help_text="La date annoncée, si elle a changé."
    )
    complet_le = ChampJour(
        label="Dossier complet reçu le",
        required=False,
        help_text="Le jour que dit l’accusé de réception : le silence se compte de là.",
    )
    issue_note = texte("Précision", 1000, required=False, help_text="Montant, pièce demandée, recours possible…")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["issue"].queryset = self._possibles(IssueDemarche.objects.ouverts())
        if self.objet.issue_le is None:
            self.initial["issue_le"] = horloge.aujourd_hui()  # une attente ou un silence n'en garde rien
        if self.objet.manque_une_piece:
            self._redemander_le_dossier_complet()

    def _redemander_le_dossier_complet(self):
        """La date d'avant la pièce réclamée ne vaut plus ; la nouvelle est exigée de qui attend encore une réponse."""
        self.initial["complet_le"] = None
        self.SUITES = (*self.SUITES, "complet_le")
        champ = self.fields["complet_le"]
        champ.required, champ.help_text = (
            True,
            "Une pièce manquait : dites quand elle a été reçue, ou gardez « Incomplète ».",
        )

    def _possibles(self, issues):
        """Sans demande, rien qu'un abandon ; une fois la sortie ouverte, rien que ce qui clôt."""
        if not self.objet.ns2_sollicite_le:
            return issues.filter(code=ABANDON)
        return issues if self.objet.intervention.est_dans_sa_phase else issues.filter(ouverte=False)

    def clean(self):
        donnees = super().clean()
        issue = donnees.get("issue")
        if issue and issue.code in self.SANS_REPONSE:
            donnees["issue_le"] = None
        if issue and not issue.ouverte:
            donnees["reponse_attendue_le"] = None
        return donnees


class FormulaireSuspension(GardeMixin, FormulaireDActe):
    """Suspendre : depuis quand, pourquoi."""

    champs_gardes = ("motif",)

    du = ChampJour(label="Suspendue à partir du", initial=horloge.aujourd_hui)
    motif = texte("Motif de la suspension", 1000, help_text="Absence annoncée, indisponibilité… sans cause médicale.")


class FormulaireReprise(FormulaireDActe):
    """Reprendre : à quelle date."""

    au = ChampJour(label="Reprise le")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial["au"] = horloge.aujourd_hui()


class FormulaireProlongation(GardeMixin, FormulaireDActe):
    """Demander du temps en plus."""

    champs_gardes = ("motif",)

    jours = forms.IntegerField(label="Jours demandés", min_value=1)
    motif = texte(
        "Motif de la demande", 2000, help_text="Ce qui ne peut pas finir avant le terme, et ce que ce temps permettra."
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        plafond = Reglages.actuels().prolongation_max_jours
        self.fields["jours"].initial = plafond
        self.fields["jours"].widget.attrs |= {"max": plafond}
        self.fields["jours"].help_text = f"{compte(plafond, 'jour,jours')} au plus."


class FormulaireDecision(SuitesMixin, GardeMixin, FormulaireDActe):
    """Décider d'une prolongation : approuver, ou refuser avec un motif."""

    champs_gardes = ("motif_decision",)
    a_part = (*FormulaireDActe.a_part, "decision")
    SUITES = ("motif_decision",)

    decision = choix("Votre décision", [("approuver", "Approuver"), ("refuser", "Refuser")])
    motif_decision = texte(
        "Motif de la décision",
        2000,
        help_text="Exigé pour un refus : le demandeur et la personne le liront.",
    )

    def clean(self):
        donnees = super().clean()
        if (
            donnees.get("decision") == "refuser"
            and not donnees.get("motif_decision")
            and "motif_decision" not in self.errors
        ):
            self.add_error("motif_decision", "Un refus se motive.")
        return donnees


class FormulaireDerogation(GardeMixin, FormulaireDActe):
    """Permettre une action après le terme."""

    champs_gardes = ("motif",)

    jusqu_au = ChampJour(label="Valable jusqu’au")
    motif = texte(
        "Motif de la dérogation",
        2000,
        help_text="Pourquoi cette action ne peut pas attendre la sortie ni passer par un relais.",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        limite = horloge.aujourd_hui() + datetime.timedelta(days=DEROGATION_MAX_JOURS)
        self.fields["jusqu_au"].help_text = f"{limite:%d/%m/%Y} au plus tard ({DEROGATION_MAX_JOURS} jours)."
        self.fields["jusqu_au"].initial = limite
