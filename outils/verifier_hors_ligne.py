"""Vérifie un extrait du journal sans la base ni Django : python verifier_hors_ligne.py EXTRAIT --ancres DOSSIER --cle CLE.pub

Un seul fichier, la bibliothèque standard et `cryptography` : il se lit, se copie et se lance ailleurs. Il refait à part ce que fait
`verifier_journal`, pour qu'une faute de l'un ne cache pas une faute de l'autre ; un essai tient leurs verdicts égaux.
Code 0 : intact. 1 : rompu, chaque rupture située. 2 : un fichier ne se lit pas.
"""

import argparse
import base64
import hashlib
import json
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

EFFACEE = '{"effacee": true}'
FIN_DE_CLE = b"-----END PUBLIC KEY-----\n"
RUPTURES_DITES = 20
dire = json.JSONEncoder(ensure_ascii=False).encode


class Illisible(Exception):
    """Un fichier qui ne se lit pas : la phrase dit lequel et pourquoi."""


@dataclass
class Verdict:
    """Ce qui a été vérifié (nombres) et les ruptures, en phrases qui les situent."""

    chaines: int = 0
    maillons: int = 0
    effaces: int = 0
    lignes_d_historique: int = 0
    sans_contenu: bool = False
    ruptures: list = field(default_factory=list)


@dataclass
class Ancres:
    """Ce que le dossier atteste. `maillons` : {chaîne: {rang: (empreinte hexadécimale, numéro d'ancre)}}."""

    maillons: dict = field(default_factory=dict)
    moments: dict = field(default_factory=dict)
    empreintes: dict = field(default_factory=dict)
    ruptures: list = field(default_factory=list)
    jusqu_a: int = 0


# -- les ancres


def lire_cles(fichier):
    """Les clés publiques (PEM, une ou plusieurs) de ce fichier."""
    blocs = Path(fichier).read_bytes().split(FIN_DE_CLE)
    return [serialization.load_pem_public_key(bloc + FIN_DE_CLE) for bloc in blocs if bloc.strip()]


def lire_ancres(dossier, cles, jusqu_a):
    """Relit dans l'ordre les ancres que l'extrait connaît ; s'arrête à la première qui ne suit pas ou n'est pas signée."""
    ancres, precedente, etat = Ancres(jusqu_a=jusqu_a), "", {}
    fichiers = sorted(Path(dossier).glob("[0-9]*.json"))[:jusqu_a]
    for rang, fichier in enumerate(fichiers, 1):
        octets = fichier.read_bytes()
        faute, ancre = _lire_une_ancre(rang, fichier, octets, precedente, cles)
        if faute:
            ancres.ruptures.append(faute)
            return ancres
        precedente = hashlib.sha256(octets).hexdigest()
        ancres.moments[rang], ancres.empreintes[rang] = datetime.fromisoformat(ancre["quand"]), precedente
        etat = {} if ancre["complete"] else etat
        etat |= {chaine: (seq, empreinte) for chaine, seq, empreinte in ancre["tetes"]}
        _attester(ancres, ancre, etat)
        if (ancre["complete"] or rang == len(fichiers)) and _racine(etat) != ancre["racine"]:
            ancres.ruptures.append(f"ancre {rang} : ses têtes ne donnent pas la racine qu'elle signe.")
    if len(fichiers) < jusqu_a:
        ancres.ruptures.append(f"ancre {len(fichiers) + 1} : l'extrait la connaît, le dossier ne l'a pas.")
    return ancres


def _lire_une_ancre(rang, fichier, octets, precedente, cles):
    if int(fichier.stem) != rang:
        return f"ancre {rang} : le fichier manque.", None
    try:
        lue = json.loads(octets)
        ancre, signature = lue["ancre"], base64.b64decode(lue["signature"])
        if ancre["precedente"] != precedente or ancre["numero"] != rang:
            return f"ancre {rang} : elle ne suit pas l'ancre {rang - 1}.", None
    except (ValueError, KeyError, TypeError):
        return f"ancre {rang} : le fichier est illisible.", None
    signe = json.dumps(ancre, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    if not any(_verifiee(cle, signature, signe) for cle in cles):
        return f"ancre {rang} : aucune clé connue ne l'a signée.", None
    return "", ancre


def _verifiee(cle, signature, signe):
    try:
        cle.verify(signature, signe)
    except InvalidSignature:
        return False
    return True


def _racine(tetes):
    lignes = (f"{chaine} {seq} {empreinte}\n" for chaine, (seq, empreinte) in sorted(tetes.items()))
    return hashlib.sha256("".join(lignes).encode()).hexdigest()


def _attester(ancres, ancre, etat):
    """Range les têtes de cette ancre ; après une restauration déclarée, ce que la base n'a plus n'est plus attendu."""
    if ancre["restauration"]:
        for chaine, rangs in ancres.maillons.items():
            for seq in [seq for seq in rangs if seq > etat.get(chaine, (0, ""))[0]]:
                del rangs[seq]
    for chaine, seq, empreinte in ancre["tetes"]:
        ancres.maillons.setdefault(chaine, {}).setdefault(seq, (empreinte, ancre["numero"]))


# -- l'extrait


def lire_extrait(fichier):
    """Les lignes de l'extrait (dictionnaires). Lève Illisible."""
    try:
        with open(fichier, encoding="utf-8") as flux:
            lignes = [json.loads(ligne) for ligne in flux]
    except OSError as erreur:
        raise Illisible(f"{fichier} ne se lit pas : {erreur.strerror}.") from None
    except ValueError:
        raise Illisible(f"{fichier} n'est pas un extrait du journal (une ligne n'est pas du JSON).") from None
    if not lignes or "extrait" not in lignes[0] or "fin" not in lignes[-1]:
        raise Illisible(f"{fichier} est incomplet : son début ou sa fin manque.")
    return lignes


def verifier(lignes, ancres):
    """Vérifie un extrait (suite de dictionnaires) contre les ancres ; rend un Verdict."""
    verdict, tetes, cites = Verdict(ruptures=list(ancres.ruptures)), {}, {}
    effacements = _effacements(lignes)
    precedent, fins, histoires = (None, 0, ""), {}, []
    for ligne in lignes:
        if "maillon" in ligne:
            precedent = _lire_un_maillon(verdict, ligne, precedent, ancres, effacements, cites)
            fins[precedent[0]] = precedent[1:]
            if len(verdict.ruptures) >= RUPTURES_DITES:
                return verdict
        elif "tete" in ligne:
            tetes[ligne["tete"][0]] = tuple(ligne["tete"][1:])
        elif "histoire" in ligne:
            histoires.append(ligne)
        elif "extrait" in ligne:
            verdict.sans_contenu = ligne["extrait"]["sans_contenu"]
        elif ligne.get("fin", {}).get("maillons") != verdict.maillons:
            verdict.ruptures.append("l'extrait est incomplet : il n'a pas le nombre de maillons qu'il annonce.")
    verdict.ruptures += _ruptures_des_fins(fins, tetes, ancres)
    verdict.ruptures += (
        []
        if verdict.sans_contenu
        else _ruptures_de_l_historique(verdict, cites, histoires, lignes[0]["extrait"]["modeles"])
    )
    verdict.ruptures += _ruptures_des_ancrages(lignes, ancres)
    return verdict


def _lire_un_maillon(verdict, ligne, precedent, ancres, effacements, cites):
    chaine, seq, quand = ligne["maillon"][:3]
    verdict.chaines += chaine != precedent[0]
    verdict.maillons += 1
    try:
        faute = _rupture_du_maillon(ligne, precedent) or _rupture_de_l_ancre(ligne, ancres)
    except (ValueError, KeyError, TypeError, AttributeError):
        faute = "il est illisible."
    if ligne["efface"]:
        verdict.effaces += 1
        vise = any(quand <= moment and du <= seq <= au for moment, du, au in effacements.get(chaine, ()))
        faute = faute or ("" if vise else "son contenu a été effacé sans effacement inscrit.")
    if faute:
        verdict.ruptures.append(f"chaîne {chaine}, maillon {seq} : {faute}")
    charge = json.loads(ligne["charge"]) if '"histoire"' in (ligne.get("charge") or "") else {}
    if "histoire" in charge:
        cites.setdefault((ligne["maillon"][7], charge["histoire"]), []).append((chaine, seq, charge["empreinte"]))
    return chaine, seq, ligne["empreinte"]


def _rupture_du_maillon(ligne, precedent):
    chaine, seq = ligne["maillon"][:2]
    rang, avant = precedent[1:] if precedent[0] == chaine else (0, "")
    if seq != rang + 1:
        return f"le maillon {rang + 1} manque." if seq > rang else "deux maillons portent ce rang."
    if ligne["precedente"] != avant:
        return f"il ne suit pas le maillon {rang}."
    if "charge" in ligne and not _charge_juste(ligne):
        return "son contenu a été changé."
    hache = bytes.fromhex(avant) + bytes.fromhex(ligne["empreinte_charge"]) + dire(ligne["maillon"]).encode()
    if hashlib.sha256(hache).hexdigest() != ligne["empreinte"]:
        return "sa date, son auteur ou son objet a été changé."
    return ""


def _charge_juste(ligne):
    if ligne["efface"]:
        return ligne["sel"] is None and ligne["charge"] == EFFACEE
    dite = hashlib.sha256(bytes.fromhex(ligne["sel"]) + ligne["charge"].encode()).hexdigest()
    return dite == ligne["empreinte_charge"]


def _rupture_de_l_ancre(ligne, ancres):
    chaine, seq = ligne["maillon"][:2]
    attestes = ancres.maillons.get(chaine, {})
    if seq not in attestes or attestes[seq][0] == ligne["empreinte"]:
        return ""
    juste = max((rang for rang in attestes if rang < seq), default=0)
    numero = attestes[seq][1]
    moment = f"{ancres.moments[numero]:%d/%m/%Y %H:%M}"
    return f"la chaîne a été récrite à partir d'un maillon entre {juste + 1} et {seq} (ancre {numero}, {moment})."


def _effacements(lignes):
    par_chaine = {}
    for ligne in lignes:
        if "maillon" not in ligne or ligne["maillon"][5] != "effacement" or ligne["efface"]:
            continue
        for bornes in json.loads(ligne["charge"]).get("maillons") or []:
            if isinstance(bornes, list) and [type(borne) for borne in bornes] == [int, int]:
                par_chaine.setdefault(ligne["maillon"][0], []).append((ligne["maillon"][2], *bornes))
    return par_chaine


def _ruptures_des_fins(fins, tetes, ancres):
    for chaine in sorted(tetes.keys() | fins.keys() | ancres.maillons.keys()):
        dite, lue = tetes.get(chaine), fins.get(chaine, (0, ""))
        atteste = max(ancres.maillons.get(chaine, {}), default=0)
        if atteste > lue[0]:
            ancre = ancres.maillons[chaine][atteste][1]
            yield f"chaîne {chaine}, maillon {lue[0] + 1} : la fin a été coupée ; l'ancre {ancre} atteste {atteste} maillons."
        elif (dite or (0, "")) != lue:
            rang = min(lue[0], (dite or lue)[0]) + (dite is not None and dite[0] != lue[0])
            yield f"chaîne {chaine}, maillon {rang} : la fin de la chaîne a été coupée ou ajoutée."


def _ruptures_de_l_historique(verdict, cites, histoires, suivis):
    ruptures, vues = [], set()
    for ligne in histoires:
        modele, rang = cle = tuple(ligne["histoire"])
        vues.add(cle)
        empreinte = hashlib.sha256(ligne["texte"].encode()).hexdigest()
        if cle not in cites:
            ruptures.append(f"historique de {modele}, ligne {rang} : aucun maillon du journal ne la connaît.")
        for chaine, seq, dite in cites.get(cle, ()):
            verdict.lignes_d_historique += 1
            if dite != empreinte:
                ruptures.append(_histoire_rompue(chaine, seq, modele))
    for cle in {cle for cle in cites.keys() - vues if cle[0] in suivis}:
        ruptures += [_histoire_rompue(chaine, seq, cle[0]) for chaine, seq, _ in cites[cle]]
    return sorted(ruptures)


def _histoire_rompue(chaine, seq, modele):
    return f"chaîne {chaine}, maillon {seq} : la ligne d'historique ({modele}) a été changée ou retirée."


def _ruptures_des_ancrages(lignes, ancres):
    if not ancres.moments or ancres.ruptures:
        return
    for ligne in lignes:
        if "maillon" in ligne and ligne["maillon"][0] == 0 and ligne["maillon"][5] == "ancrage" and not ligne["efface"]:
            charge = json.loads(ligne["charge"])
            if charge["numero"] <= ancres.jusqu_a and ancres.empreintes.get(charge["numero"]) != charge["empreinte"]:
                numero, seq = charge["numero"], ligne["maillon"][1]
                yield f"chaîne 0, maillon {seq} : l'ancre {numero} qu'il cite manque au dossier, ou n'est plus la même."
                return


# -- la commande


def principal(arguments=None):
    """Vérifie, dit le verdict ; rend le code de sortie."""
    analyse = argparse.ArgumentParser(description="Vérifie un extrait du journal de Jalon, sans sa base.")
    analyse.add_argument("extrait", help="fichier écrit par exporter_journal")
    analyse.add_argument("--ancres", required=True, help="dossier des ancres")
    analyse.add_argument("--cle", required=True, help="clé publique qui les signe (PEM)")
    choix = analyse.parse_args(arguments)
    try:
        lignes = lire_extrait(choix.extrait)
        ancres = lire_ancres(choix.ancres, lire_cles(choix.cle), lignes[0]["extrait"]["ancre"])
    except (Illisible, OSError, ValueError, KeyError) as erreur:
        print(f"Erreur : {erreur}", file=sys.stderr)
        return 2
    if not ancres.moments and not ancres.ruptures:
        ancres.ruptures.append("l'extrait ne connaît aucune ancre : une fin coupée ne se verrait pas.")
    verdict = verifier(lignes, ancres)
    if verdict.ruptures:
        print("\n".join(["Journal rompu.", *verdict.ruptures]))
        return 1
    reste = " Chaînes et ancres seulement : l'extrait est sans contenu." if verdict.sans_contenu else ""
    print(
        f"Journal intact : chaînes {verdict.chaines}, maillons {verdict.maillons}, contenus effacés {verdict.effaces}, "
        f"lignes d'historique {verdict.lignes_d_historique}, ancres 1 à {len(ancres.moments)}.{reste}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(principal())
