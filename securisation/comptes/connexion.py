"""Les adresses de la connexion : seulement les pages d'allauth qui servent ici, chacune avec son accès déclaré.

Sont absentes : l'inscription, les adresses électroniques (tenues par l'administrateur), les réseaux sociaux.
"""

from allauth.account import views as compte
from allauth.mfa.base import views as facteur
from allauth.mfa.recovery_codes import views as secours
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as cle
from django.db.transaction import non_atomic_requests
from django.urls import path, re_path

from securisation.comptes.views import reinitialiser, suite_de_connexion
from securisation.socle.acces import acces_connecte, acces_public

# Son propre compte : tout compte en tient la connexion, un financeur aussi.
du_compte = acces_connecte(a_tous=True)
# Hors transaction : les compteurs du limiteur comptent aussitôt pour tous, et un essai ne fait pas attendre les autres.
connecter = non_atomic_requests(acces_public(compte.login))
second_facteur = non_atomic_requests(acces_public(facteur.authenticate))
# Rien n'est dit de l'existence du compte : la même page, la même phrase.
oublier = acces_public(compte.PasswordResetView.as_view(success_url=suite_de_connexion("lien-envoye")))

urlpatterns = [
    path("connexion/", connecter, name="account_login"),
    path("connexion/second-facteur/", second_facteur, name="mfa_authenticate"),
    path("connexion/cle/", acces_public(cle.login_webauthn), name="mfa_login_webauthn"),
    path("connexion/compte-ferme/", acces_public(compte.account_inactive), name="account_inactive"),
    path("deconnexion/", acces_public(compte.logout), name="account_logout"),
    path("mot-de-passe/oublie/", oublier, name="account_reset_password"),
    re_path(
        r"^mot-de-passe/lien/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[0-9A-Za-z-]+)/$",
        acces_public(reinitialiser),
        name="account_reset_password_from_key",
    ),
    path("compte/mot-de-passe/", du_compte(compte.password_change), name="account_change_password"),
    path("compte/mot-de-passe/choisir/", du_compte(compte.password_set), name="account_set_password"),
    path("compte/confirmer/", du_compte(compte.reauthenticate), name="account_reauthenticate"),
    path("compte/confirmer/facteur/", du_compte(facteur.reauthenticate), name="mfa_reauthenticate"),
    path("compte/confirmer/cle/", du_compte(cle.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("compte/securite/", du_compte(facteur.index), name="mfa_index"),
    path("compte/securite/application/activer/", du_compte(totp.activate_totp), name="mfa_activate_totp"),
    path("compte/securite/application/retirer/", du_compte(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("compte/securite/codes/", du_compte(secours.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "compte/securite/codes/refaire/",
        du_compte(secours.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "compte/securite/codes/telecharger/",
        du_compte(secours.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("compte/securite/cles/", du_compte(cle.list_webauthn), name="mfa_list_webauthn"),
    path("compte/securite/cles/ajouter/", du_compte(cle.add_webauthn), name="mfa_add_webauthn"),
    path("compte/securite/cles/<int:pk>/nommer/", du_compte(cle.edit_webauthn), name="mfa_edit_webauthn"),
    path("compte/securite/cles/<int:pk>/retirer/", du_compte(cle.remove_webauthn), name="mfa_remove_webauthn"),
]
