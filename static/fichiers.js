/* Fichier choisi : son nom et son poids sous le champ, et s'il est trop lourd avant de l'envoyer. Sans ce script, le navigateur dit le nom. */
(function () {
  "use strict";

  function poids(octets) {
    var ko = Math.max(Math.round(octets / 1000), 1);
    return ko < 1000 ? ko + " ko" : (ko / 1000).toFixed(1).replace(".", ",") + " Mo";
  }
  document.addEventListener("change", function (e) {
    var champ = e.target;
    if (!champ.dataset || !champ.dataset.poids) return;
    var dit = champ.parentNode.querySelector("output");
    if (!dit) {
      dit = document.createElement("output");
      dit.className = "q__hint mt-1 d-block";
      dit.htmlFor = champ.id;
      champ.after(dit);
    }
    var fichier = champ.files[0];
    var lourd = fichier && fichier.size > Number(champ.dataset.poids);
    dit.textContent = fichier ? fichier.name + ", " + poids(fichier.size) : "";
    if (lourd) dit.textContent += " : trop lourd (" + poids(Number(champ.dataset.poids)) + " au plus). Choisissez-en un autre.";
  });
})();
