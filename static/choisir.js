/* Réduire une liste de cases à la frappe, et dire ce qui y est coché. Chaque page marche sans ce fichier : la liste est entière. */
(function () {
  "use strict";

  /* Un texte sans accents, ligatures ni casse, apostrophes droites. */
  function plier(texte) {
    return texte.toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’ʼ]/g, "'")
      .normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  }

  /* data-filtre (composants/filtre.html) : un champ de recherche, un compte annoncé, une liste de cases. Une case cochée reste montrée. */
  function filtrer(cadre) {
    cadre.querySelector(".search").hidden = false;
    var champ = cadre.querySelector("[type=search]"), compte = cadre.querySelector("[data-compte]"), coches = cadre.querySelector("[data-coches]");
    var lignes = Array.prototype.map.call(cadre.querySelectorAll("li"), function (ligne) {
      return { li: ligne, mots: plier(ligne.textContent), coche: ligne.querySelector("input") };
    });
    function montrees() {
      return lignes.filter(function (ligne) { return !ligne.li.hidden; });
    }
    function reduire() {
      var mots = plier(champ.value).split(/\s+/).filter(Boolean), trouves = 0;
      lignes.forEach(function (ligne) {
        var va = mots.every(function (mot) { return ligne.mots.indexOf(mot) >= 0; });
        if (va) trouves += 1;
        ligne.li.hidden = !va && !ligne.coche.checked;
      });
      compte.textContent = !mots.length ? compte.dataset.debut
        : trouves ? trouves + " sur " + lignes.length + " " + (trouves > 1 ? compte.dataset.plusieurs : compte.dataset.un)
        : "Aucun " + compte.dataset.quoi + " ne répond à ce mot : essayez-en un autre, ou effacez pour revoir la liste";
    }
    champ.addEventListener("input", function (e) {
      e.stopPropagation(); /* chercher n'est pas saisir : aucun brouillon ne part */
      reduire();
    });
    champ.addEventListener("change", function (e) { e.stopPropagation(); });
    champ.addEventListener("keydown", function (e) {
      if (e.key === "Enter" || e.key === "ArrowDown") {
        e.preventDefault();
        if (montrees().length) montrees()[0].coche.focus();
      } else if (e.key === "Escape" && champ.value) {
        e.preventDefault();
        champ.value = "";
        reduire();
      }
    });
    function compter() {
      var choisis = lignes.filter(function (ligne) { return ligne.coche.checked; }).map(function (ligne) { return ligne.li.textContent.trim(); });
      coches.textContent = choisis.length ? choisis.length + " choix : " + choisis.join(", ") : "Aucun choix";
    }
    if (coches) {
      cadre.querySelector("ul").addEventListener("change", compter);
      window.addEventListener("pageshow", compter); /* le retour arrière rend les cases, pas ce qu'on en dit */
    }
    cadre.querySelector("ul").addEventListener("keydown", function (e) {
      var pas = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (!pas) return;
      e.preventDefault();
      var vues = montrees(), ici = vues.findIndex(function (ligne) { return ligne.coche === e.target; });
      if (vues[ici + pas]) vues[ici + pas].coche.focus();
      else if (ici + pas < 0) champ.focus();
    });
    reduire();
  }
  document.querySelectorAll("[data-filtre]").forEach(filtrer);
})();
