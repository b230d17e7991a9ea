/* Un long rapport : ses chapitres se replient au téléphone, le sommaire y mène. Sans ce fichier, tout est déplié et les liens mènent aux chapitres. */
(function () {
  "use strict";

  var TELEPHONE = window.matchMedia("(max-width: 767.98px)");
  function chapitres() {
    return Array.prototype.slice.call(document.querySelectorAll("details[data-chapitre]"));
  }
  function ouvrir(oui) {
    chapitres().forEach(function (chapitre) { chapitre.open = oui; });
    dire();
  }
  /* Le bouton dit ce qu'il fera. */
  function dire() {
    var bouton = document.querySelector("[data-tout]"), fermes = chapitres().some(function (chapitre) { return !chapitre.open; });
    if (!bouton) return;
    bouton.hidden = false;
    bouton.textContent = fermes ? "Tout déplier" : "Tout replier";
  }
  /* Ce que nomme l'adresse ; "" pour une ancre qui ne se lit pas (« #% »). */
  function ancre() {
    try { return decodeURIComponent(location.hash.slice(1)); } catch (e) { return ""; }
  }
  /* Le chapitre que nomme l'adresse est déplié, et se montre. */
  function mener() {
    var vise = document.getElementById(ancre());
    var chapitre = vise && vise.closest("details[data-chapitre]");
    if (!chapitre) return;
    chapitre.open = true;
    chapitre.scrollIntoView();
  }
  function preparer() {
    if (TELEPHONE.matches) ouvrir(false);
    mener();
    dire();
  }
  document.addEventListener("click", function (e) {
    if (e.target.closest("[data-tout]")) return ouvrir(chapitres().some(function (chapitre) { return !chapitre.open; }));
    var lien = e.target.closest(".sommaire a");
    if (!lien) return;
    lien.closest("details").open = false;
    if (lien.hash === location.hash) setTimeout(mener); /* la même adresse deux fois : rien ne la redit */
  });
  document.addEventListener("toggle", function (e) {
    if (e.target.matches("[data-chapitre]")) dire();
  }, true);
  document.addEventListener("keydown", function (e) {
    var sommaire = e.key === "Escape" && document.activeElement.closest(".sommaire details[open]");
    if (!sommaire) return;
    sommaire.open = false;
    sommaire.querySelector("summary").focus();
  });
  window.addEventListener("hashchange", mener);
  /* Sur le papier, tout est déplié ; l'écran se retrouve ensuite comme il était. */
  var fermes = [];
  window.addEventListener("beforeprint", function () {
    fermes = chapitres().filter(function (chapitre) { return !chapitre.open; });
    ouvrir(true);
  });
  window.addEventListener("afterprint", function () {
    fermes.forEach(function (chapitre) { chapitre.open = false; });
    dire();
  });
  /* L'élément neuf porte l'événement ; « detail.target » peut être l'ancien, déjà hors de la page. */
  document.addEventListener("htmx:afterSwap", function (e) {
    if (e.target.querySelector("[data-chapitre]")) preparer();
  });
  preparer();
})();
