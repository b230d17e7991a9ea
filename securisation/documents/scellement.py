"""Le métier du sceau : une signature PAdES B-B, posée sans rompre PDF/A-3a ni PDF/UA-1. Seul à importer pyHanko, au premier usage.

Il ignore Django ; `etabli.py` le fait travailler dans un autre processus que le rendu : la clé n'y croise aucun contenu.
"""

import base64
import io
import re
from functools import lru_cache
from weakref import WeakKeyDictionary

CHAMP, CHAMP_LU = "Sceau", "Sceau électronique du document"
RAISON = "Le fichier est tel qu’il a été produit"
CONDENSAT = "sha256"
ESSAIS = 16
_SIGNATURE = re.compile(rb"/Contents\s*<([0-9a-fA-F]+)>")
_PLACES = (
    WeakKeyDictionary()
)  # signataire → la place de sa signature, que pyHanko mesurerait en signant chaque document deux fois


def travailler(demande, corps):
    """{pkcs12 en base64, phrase} et les octets d'un PDF → ({}, les octets scellés)."""
    return {}, sceller(corps, base64.b64decode(demande["pkcs12"]), demande["phrase"])


def sceller(octets, pkcs12, phrase):
    """Les octets du PDF suivis de sa signature ; ce qui précède ne change pas.

    Un flux compressé qui finirait par 0x0D (une fois sur cent) romprait PDF/A : une espace de plus dans la raison déplace tout.
    """
    for essai in range(ESSAIS):
        scelles = _signer(octets, _signataire(pkcs12, phrase), RAISON + " " * essai)
        if b"\r\nendstream" not in scelles[len(octets) :]:
            return scelles
    raise ValueError("aucun essai ne suit PDF/A")


def _signer(octets, signataire, raison):
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter

    class Ecrivain(IncrementalPdfFileWriter):
        """Récrire les métadonnées romprait PDF/A et PDF/UA : elles restent celles du document."""

        def _update_meta(self):
            pass

    fait = signers.PdfSignatureMetadata(
        field_name=CHAMP, md_algorithm=CONDENSAT, subfilter=SigSeedSubFilter.PADES, reason=raison
    )
    # Un sceau sans image : sa case est hors de la page, seul moyen de suivre les deux normes à la fois.
    champ = SigFieldSpec(
        CHAMP, on_page=0, readable_field_name=CHAMP_LU, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True)
    )
    sortie = io.BytesIO()
    signeur = signers.PdfSigner(fait, signataire, new_field_spec=champ)
    signeur.sign_pdf(Ecrivain(io.BytesIO(octets)), output=sortie, bytes_reserved=_PLACES.get(signataire))
    scelles = sortie.getvalue()
    _PLACES.setdefault(signataire, len(_SIGNATURE.search(scelles, len(octets))[1]))
    return scelles


@lru_cache(maxsize=1)
def _signataire(pkcs12, phrase):
    """Qui signe, sa clé lue et vérifiée une fois : pyHanko la relirait deux fois par document, 0,12 s chacune pour 3072 bits."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_private_key
    from pyhanko.sign import signers

    lu = signers.SimpleSigner.load_pkcs12_data(pkcs12, other_certs=[], passphrase=phrase.encode() or None)
    if lu is None:
        raise ValueError("certificat illisible")
    cle = load_der_private_key(lu.signing_key.dump(), password=None)
    mecanisme = lu.get_signature_mechanism_for_digest(CONDENSAT).signature_algo
    if isinstance(cle, rsa.RSAPrivateKey) and mecanisme == "rsassa_pkcs1v15":  # les autres clés se lisent vite
        lu.sign_raw = lambda donnees, _: cle.sign(donnees, padding.PKCS1v15(), hashes.SHA256())
    return lu
