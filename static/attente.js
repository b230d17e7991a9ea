/* Un fichier qui se fabrique à la demande : <a data-attendu="Le PDF"> dit qu'il se prépare, puis le remet. Sans ce fichier, un lien ordinaire. */
(function () {
  "use strict";

  var cadre = document.querySelector("[data-attente]"), lignes = new Map(); /* un lien, ce qu'on en dit */
  function dire(etat, lien) {
    var modele = cadre.parentNode.querySelector("template[data-etat=" + etat + "]"), ligne = document.createElement("div");
    ligne.appendChild(modele.content.cloneNode(true));
    ligne.querySelector("[data-quoi]").textContent = lien.dataset.attendu;
    taire(lien);
    lignes.set(lien, cadre.appendChild(ligne));
  }
  function taire(lien) {
    if (lignes.has(lien)) lignes.get(lien).remove();
    lignes.delete(lien);
  }
  function remettre(octets, nom) {
    var lien = document.createElement("a");
    lien.href = URL.createObjectURL(octets);
    lien.download = nom;
    lien.click();
    setTimeout(URL.revokeObjectURL, 60000, lien.href);
  }
  /* Une réponse qui n'est pas un fichier joint est une page (connexion, confirmation d'identité, refus) : elle se montre, avec ses mots. */
  function recevoir(reponse, lien) {
    var nom = /filename="([^"]+)"/.exec(reponse.headers.get("Content-Disposition") || "");
    if (!nom) {
      taire(lien);
      return location.assign(reponse.redirected ? reponse.url : lien.href);
    }
    return reponse.blob().then(function (octets) {
      remettre(octets, nom[1]);
      dire("fini", lien);
    });
  }
  document.addEventListener("click", function (e) {
    var lien = e.target.closest("a[data-attendu]");
    if (!lien || !cadre || e.defaultPrevented || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    if (lien.hasAttribute("aria-disabled")) return;
    lien.setAttribute("aria-disabled", "true");
    dire("cours", lien);
    fetch(lien.href).then(function (reponse) { return recevoir(reponse, lien); })
      .catch(function () { dire("echec", lien); })
      .then(function () { lien.removeAttribute("aria-disabled"); });
  });
  /* Le retour arrière rend la page telle qu'on l'a quittée : ce qui s'y préparait ne se prépare plus. */
  window.addEventListener("pageshow", function (e) {
    if (e.persisted) Array.from(lignes.keys()).forEach(taire);
  });
})();
