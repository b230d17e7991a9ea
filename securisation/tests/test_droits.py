"""La table des droits, générée : chaque acte déclaré × chaque sujet, par la table et par l'appel réel de l'acte.

L'appel réel porte une version que l'objet n'a pas : la porte d'écriture vérifie l'état, le droit, l'accord, puis la version. Un sujet
permis va donc jusqu'au conflit de version (ou à l'accord manquant) ; un autre s'arrête au droit. Le corps de l'acte n'est jamais joué.
"""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from securisation.annuaire.models import Finalite
from securisation.comptes.models import Fonction, Professionnel
from securisation.parcours import droits
from securisation.parcours.management.commands import imprimer_droits
from securisation.parcours.models import Accord, Ouverture, Parcours, Personne
from securisation.parcours.roles import attribuer_role
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.routes import routes
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import NOUVEAU, REGISTRE, AccordManquant, Conflit, EtatRefuse
from securisation.synthese.liste import lire_liste
from securisation.tests import maison
from securisation.tests.distribution import construire_parcours, faire_finir

pytestmark = pytest.mark.django_db
UNE_AUTRE_VERSION = -1

# Chaque sujet et ce qu'il est sur le parcours d'essai : rôles et places qui lui ouvrent des mots de la table.
SUJETS = {
    "referent": {droits.REFERENT},
    "coordonnateur": {droits.COORDONNATEUR},
    "intervenant": {droits.INTERVENANT},
    "lecteur": {droits.LECTEUR},
    "superviseur_de_l_equipe": {droits.SUPERVISEUR, droits.RESPONSABLE},
    "superviseur_d_une_autre_equipe": set(),
    "membre_de_l_equipe_sans_role": set(),
    "membre_d_une_autre_equipe": set(),
    "partenaire": set(),
    "partenaire_a_qui_un_role_reste": set(),
    "financeur": set(),
    "dpo": {droits.DPO},
    "delegue": {droits.DPO, droits.DELEGUE},
    "administrateur": set(),
    "direction": {droits.DIRECTION},
    "superutilisateur": set(),
    "referent_au_compte_ferme": set(),
    "superviseur_dont_la_fonction_a_pris_fin": set(),
}
PLACES = {droits.SUPERVISEUR, droits.RESPONSABLE, droits.DPO, droits.DELEGUE, droits.DIRECTION}
SANS_EQUIPE = {
    "partenaire", "partenaire_a_qui_un_role_reste", "financeur", "dpo", "delegue", "administrateur", "direction", "superutilisateur"
}  # fmt: skip
SANS_EQUIPE_D_EMBLEE = {"delegue"}
FERMES = {"referent_au_compte_ferme"}
INTERNES = [regle for regle in REGISTRE if regle.permission is None]
# Une alerte n'est d'aucun parcours : qui peut la regarder s'essaie avec elle (synthese/tests/test_surveillance.py).
OUVERTES = [r for r in REGISTRE if r.permission and hasattr(apps.get_model(r.modele), "vers_parcours")]


def nom_de_l_acte(regle):
    """« Diagnostic.valider »."""
    return f"{regle.modele}.{regle.nom}"


@pytest.fixture
def sujets(distribution):
    """Un compte par sujet, et le parcours d'essai : `sujets["lecteur"]`, `sujets["parcours"]`."""
    laval, nantes = distribution["awa"].equipe, distribution["elsa"].equipe
    comptes = {
        "referent": distribution["awa"],
        "intervenant": distribution["bruno"],
        "superviseur_de_l_equipe": distribution["gaelle"],
        "membre_d_une_autre_equipe": distribution["elsa"],
        "partenaire": distribution["chloe"],
        "financeur": distribution["farid"],
        "dpo": distribution["hugo"],
        "administrateur": distribution["ines"],
        "direction": distribution["jean"],
        "superutilisateur": Professionnel.objects.create_superuser("super@exemple.test"),
    }
    for nom in SUJETS.keys() - comptes.keys():
        equipe = nantes if "autre_equipe" in nom else None if nom in SANS_EQUIPE_D_EMBLEE else laval
        comptes[nom] = Professionnel.objects.create_user(f"{nom}@exemple.test", prenom="X", nom="Y", equipe=equipe)
    hier = horloge.aujourd_hui() - timedelta(days=1)
    for nom, equipe, fin in (
        ("superviseur_d_une_autre_equipe", nantes, None),
        ("superviseur_dont_la_fonction_a_pris_fin", laval, hier),
    ):
        Fonction.objects.create(professionnel=comptes[nom], genre="SUPERVISEUR", equipe=equipe, du=hier, au=fin)
    Fonction.objects.create(professionnel=comptes["delegue"], genre="DPO", du=hier)
    parcours = _distribuer_les_roles(comptes)
    Ouverture(parcours=parcours).ouvrir(par=comptes["delegue"], motif="Une lecture contestée à vérifier.")
    return comptes | {"parcours": parcours}


def _distribuer_les_roles(comptes):
    parcours = construire_parcours(comptes["referent"], intervenant=comptes["intervenant"])
    roles = {"coordonnateur": droits.COORDONNATEUR, "lecteur": droits.LECTEUR}
    roles |= {"partenaire_a_qui_un_role_reste": droits.COORDONNATEUR, "referent_au_compte_ferme": droits.COORDONNATEUR}
    for nom, role in roles.items():
        attribuer_role(parcours, comptes[nom], role, par=comptes["referent"])
    comptes["partenaire_a_qui_un_role_reste"].equipe = None
    comptes["referent_au_compte_ferme"].is_active = False
    for nom in ("partenaire_a_qui_un_role_reste", "referent_au_compte_ferme"):
        comptes[nom].save()
    return parcours


def objet_de(regle, parcours):
    """Un objet du modèle de cette règle, rattaché au parcours, que la base ne connaît pas mais qui passe pour relu."""
    modele = apps.get_model(regle.modele)
    if modele is Parcours:
        return Parcours() if NOUVEAU in regle.de else parcours
    if modele is Personne:
        return Personne() if NOUVEAU in regle.de else parcours.personne
    objet = porteur = _relu(modele())
    if callable(regle.finalite):  # l'accord dépend de ce que l'objet porte : ici, ce qui révèle la santé
        _porter_la_sante(objet)
    *etapes, dernier = modele.vers_parcours.split("__")
    for etape in etapes:
        setattr(porteur, etape, _relu(type(porteur)._meta.get_field(etape).related_model()))
        porteur = getattr(porteur, etape)
    setattr(porteur, dernier, parcours)
    if regle.de and NOUVEAU not in regle.de:
        objet._state.adding, objet.etat = False, regle.de[0]
    return objet


def _porter_la_sante(objet):
    """Pose sur l'objet, à chaque lien qui s'y prête, une entrée de nomenclature qui révèle la santé."""
    for champ in objet._meta.concrete_fields:
        modele = champ.related_model
        if modele and any(autre.name == "revele_la_sante" for autre in modele._meta.concrete_fields):
            setattr(objet, champ.name, modele.objects.filter(revele_la_sante=True).first() or modele.objects.first())


# Ce qu'un acte demande selon l'objet : ici, une démarche qui révèle la santé, un parcours au diagnostic.
ACCORDS_SELON_L_OBJET = {
    "interventions.Action.ecrire_courrier": ["ADHESION", "SENSIBLE"],
    "parcours.RendezVous.prevoir": ["ADHESION"],
}


def accords_dus(regle):
    """Codes des accords que cet acte demande."""
    if callable(regle.finalite):
        return ACCORDS_SELON_L_OBJET.get(nom_de_l_acte(regle), ["SENSIBLE"])
    return [regle.finalite] if isinstance(regle.finalite, str) else regle.finalite


def _relu(objet):
    objet.refresh_from_db = lambda **options: None
    return objet


def essayer(regle, parcours, sujet):
    """Joue l'acte jusqu'à la version : rend « refusé », « permis » ou « accord »."""
    try:
        getattr(objet_de(regle, parcours), regle.nom)(par=sujet, version=UNE_AUTRE_VERSION)
    except DroitRefuse:
        return "refusé"
    except AccordManquant:
        return "accord"
    except Conflit:
        return "permis"
    return "joué"


def attendu(regle, nom, places):
    """Ce que la table dit de ce sujet ; sans parcours encore, seule compte l'appartenance à une équipe."""
    permis = droits.DROITS[regle.permission]
    if droits.PROFESSIONNEL in permis:
        return nom not in SANS_EQUIPE | FERMES
    return bool(permis & places)


def placer(parcours, etat):
    """Met le parcours d'essai dans cet état, sans passer par la vie qui y mène."""
    with hors_porte("essai des droits"):
        jour = horloge.aujourd_hui() if etat in (Parcours.Etat.CLOS, Parcours.Etat.INTERROMPU) else None
        Parcours.objects.en_masse().filter(pk=parcours.pk).update(etat=etat, clos_le=jour)
    parcours.refresh_from_db()


def recueillir(parcours, *codes):
    """Recueille ces accords, l'information d'abord."""
    for code in dict.fromkeys(["INFORMATION", *codes]):
        accord = Accord(parcours=parcours, finalite=Finalite.objects.get(code=code))
        champs = {"mode": "écrit signé", "canal": "SMS", "partenaire": "Bailleur", "axes": ["LOG"]}
        referent = parcours.attributions.get(permission__codename=droits.REFERENT).user
        accord.recueillir(par=referent, le=horloge.aujourd_hui(), jusqu_au=horloge.aujourd_hui(), **champs)


def etat_permis(regle):
    """Un état du parcours où cet acte se fait."""
    if regle.modele == "parcours.Parcours" and NOUVEAU not in regle.de and regle.de:
        return regle.de[0]
    # Avant l'adhésion, un rendez-vous se prévoit sans elle.
    return Parcours.Etat.DIAGNOSTIC if nom_de_l_acte(regle) == "parcours.RendezVous.prevoir" else Parcours.Etat.ORIENTE


class TestTable:
    @pytest.mark.parametrize("regle", OUVERTES, ids=nom_de_l_acte)
    def test_l_acte_suit_la_table(self, regle, sujets):
        """Un acte × dix-sept sujets : la table, `autorise` et l'appel réel disent la même chose."""
        parcours = sujets["parcours"]
        placer(parcours, etat_permis(regle))
        ecarts = []
        for nom, places in SUJETS.items():
            dit = attendu(regle, nom, places)
            cible = None if droits.PROFESSIONNEL in droits.DROITS[regle.permission] else parcours
            obtenu = (Parcours.autorise(sujets[nom], regle.permission, cible), essayer(regle, parcours, sujets[nom]))
            if obtenu != (dit, "refusé" if not dit else "accord" if regle.finalite else "permis"):
                ecarts.append((nom, dit, obtenu))
        assert ecarts == []

    @pytest.mark.parametrize("regle", [regle for regle in OUVERTES if regle.finalite], ids=nom_de_l_acte)
    def test_l_accord_ouvre_l_acte_et_sa_fin_le_ferme(self, regle, sujets):
        parcours = sujets["parcours"]
        qui = next(sujets[nom] for nom, places in SUJETS.items() if places & droits.DROITS[regle.permission])
        codes = accords_dus(regle)
        placer(parcours, etat_permis(regle))
        recueillir(parcours, *codes)
        assert essayer(regle, parcours, qui) == "permis"
        for accord in parcours.accords.exclude(finalite__code="INFORMATION"):
            faire_finir(parcours, accord.finalite.code)
            assert essayer(regle, parcours, qui) == "accord"

    @pytest.mark.parametrize("regle", INTERNES, ids=nom_de_l_acte)
    def test_un_acte_interne_ne_s_appelle_pas(self, regle, sujets):
        parcours = sujets["parcours"]
        placer(parcours, etat_permis(regle))
        assert {essayer(regle, parcours, sujets[nom]) for nom in SUJETS} == {"refusé"}

    @pytest.mark.parametrize("regle", OUVERTES, ids=nom_de_l_acte)
    def test_un_parcours_restreint_n_est_plus_au_superviseur(self, regle, sujets):
        parcours = sujets["parcours"]
        parcours.restreindre(par=sujets["superviseur_de_l_equipe"], restreint=True)
        placer(parcours, etat_permis(regle))
        superviseur = sujets["superviseur_de_l_equipe"]
        reste = "permis" if droits.DROITS[regle.permission] & {droits.PROFESSIONNEL, droits.RESPONSABLE} else "refusé"
        assert essayer(regle, parcours, superviseur) == reste
        assert essayer(regle, parcours, sujets["referent"]) != "refusé" or regle.permission not in _mots_de(
            droits.REFERENT
        )

    @pytest.mark.parametrize("etat", Parcours.FIGES)
    @pytest.mark.parametrize("regle", [r for r in OUVERTES if r.permission != "ouvrir_parcours"], ids=nom_de_l_acte)
    def test_un_parcours_fige_ne_recoit_que_les_actes_prevus(self, regle, etat, sujets):
        parcours = sujets["parcours"]
        placer(parcours, etat)
        qui = next(sujets[nom] for nom, places in SUJETS.items() if places & droits.DROITS[regle.permission])
        if regle.apres_cloture:
            assert essayer(regle, parcours, qui) in ("permis", "accord")
        else:
            with pytest.raises(EtatRefuse):
                essayer(regle, parcours, qui)

    def test_un_professionnel_ne_garde_aucun_droit_apres_son_depart(self, sujets):
        parcours, bruno = sujets["parcours"], sujets["intervenant"]
        assert Parcours.autorise(bruno, "voir_parcours", parcours)
        bruno.is_active = False
        assert not Parcours.autorise(bruno, "voir_parcours", Parcours.objects.get(pk=parcours.pk))

    def test_personne_n_est_personne(self, sujets):
        for regle in OUVERTES:
            placer(sujets["parcours"], etat_permis(regle))
            assert essayer(regle, sujets["parcours"], None) == "refusé"


class TestVisibles:
    def test_voit_qui_peut_voir(self, sujets):
        """Visible (`visibles_pour`, « Mes parcours ») et permis (`voir_parcours`) sont une seule définition."""
        for restreint in (False, True):
            sujets["parcours"].restreindre(par=sujets["referent"], restreint=restreint)
            for nom, places in SUJETS.items():
                places = places - {droits.SUPERVISEUR} if restreint else places
                vus = {
                    Parcours.objects.visibles_pour(sujets[nom]).exists(),
                    bool(lire_liste(sujets[nom])[0]),
                    Parcours.autorise(sujets[nom], "voir_parcours", sujets["parcours"]),
                }
                assert vus == {bool(places & droits.DROITS["voir_parcours"])}, (nom, restreint)


class TestCoherence:
    def test_les_sujets_couvrent_chaque_role_et_chaque_fonction(self):
        assert set().union(*SUJETS.values()) == set(droits.ROLES) | PLACES
        fonctions = {genre.value.lower() for genre in Fonction.Genre} - {"superviseur"}
        assert fonctions <= set(SUJETS)

    def test_chaque_permission_est_un_mot_de_la_table(self):
        assert {regle.permission for regle in OUVERTES} <= set(droits.DROITS)
        assert {route.acces[2] for route in routes() if route.acces and route.acces[2]} <= set(droits.DROITS)

    def test_chaque_mot_sert(self):
        textes = [
            s.texte for s in maison.sources() if s.est_python and not s.est_un_test and "droits.py" not in s.chemin
        ]
        assert [mot for mot in droits.DROITS if not any(f'"{mot}"' in texte for texte in textes)] == []

    def test_chaque_role_permis_existe(self):
        connus = set(droits.ROLES) | PLACES | {droits.PROFESSIONNEL}
        assert {place for permis in droits.DROITS.values() for place in permis} <= connus

    def test_qui_peut_agir_peut_voir(self):
        """Sauf ce qui se fait sans ouvrir le dossier : une demande, un effacement, une ouverture motivée, une phrase à relire."""
        sans_ouvrir = {droits.PROFESSIONNEL, droits.RESPONSABLE, droits.DPO, droits.DIRECTION}
        agir = set().union(*droits.DROITS.values()) - sans_ouvrir
        assert agir <= droits.DROITS["voir_parcours"]

    def test_la_direction_ne_peut_que_relire_une_phrase(self):
        assert _mots_de(droits.DIRECTION) == {"relire_parole"}


class TestPageDesDroits:
    def test_la_page_est_a_jour(self):
        call_command("imprimer_droits", verifier=True)

    def test_une_page_depassee_est_prise(self, monkeypatch, tmp_path):
        monkeypatch.setattr(imprimer_droits, "FICHIER", tmp_path / "droits.md")
        with pytest.raises(CommandError, match="pas à jour"):
            call_command("imprimer_droits", verifier=True)
        call_command("imprimer_droits")
        call_command("imprimer_droits", verifier=True)

    @pytest.mark.parametrize("mot", droits.DROITS)
    def test_chaque_ligne_affaiblie_ou_retiree_change_la_page(self, mot, monkeypatch):
        """La page est la copie de référence de la table : tout mutant de la table la dépare."""
        livree = imprimer_droits.FICHIER.read_text(encoding="utf-8")
        permis = droits.DROITS[mot]
        for place in imprimer_droits.QUI:
            monkeypatch.setitem(droits.DROITS, mot, permis ^ {place})
            assert imprimer_droits.page() != livree, (mot, place)

    @pytest.mark.parametrize("regle", REGISTRE, ids=nom_de_l_acte)
    def test_chaque_acte_y_est(self, regle):
        objet = regle.modele.split(".")[1]
        assert f"| {objet} | `{regle.nom}` |" in imprimer_droits.FICHIER.read_text(encoding="utf-8")


def _mots_de(place):
    return {mot for mot, permis in droits.DROITS.items() if place in permis}
