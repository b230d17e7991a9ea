/* Arrivée par une invitation : la clé quitte l'adresse (et l'historique du navigateur) pour le champ du formulaire.
   Elle suit le signe dièse : le navigateur ne l'a envoyée à aucun serveur. Sans ce script, le lien se colle dans le champ. */
(function () {
  "use strict";
  var formulaire = document.querySelector("[data-arrivee]");
  if (!formulaire) return;
  var champ = formulaire.querySelector("[name=lien]");
  function ranger() {
    if (location.hash.length > 1 && location.hash !== "#contenu") {
      champ.value = location.hash.slice(1);
      history.replaceState(null, "", location.pathname);
    }
    var tenu = champ.value !== "" && !champ.classList.contains("is-invalid");
    formulaire.querySelector("[data-lien-champ]").hidden = tenu;
    formulaire.querySelector("[data-lien-range]").hidden = !tenu;
  }
  window.addEventListener("hashchange", ranger);
  ranger();
})();
