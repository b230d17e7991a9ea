/* Entretien du diagnostic : le quitter par Échap. La page marche sans ce fichier. */
(function () {
  "use strict";

  /* Mode entretien : Échap quitte l'écran tourné vers la personne ; ce qui est écrit part au brouillon. */
  document.addEventListener("keydown", function (e) {
    var sortie = document.querySelector("[data-sortie]");
    if (sortie && e.key === "Escape" && !e.isComposing) sortie.click();
  });
})();
