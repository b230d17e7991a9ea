/* Petits gestes communs. Chaque page reste utilisable sans ce fichier. */
(function () {
  "use strict";

  /* Un envoi à la fois : le bouton se ferme après l'envoi, se rouvre au retour arrière. */
  function fermer(formulaire) {
    formulaire.dataset.envoye = "oui";
    formulaire.querySelectorAll("button[type=submit]").forEach(function (bouton) {
      bouton.setAttribute("aria-disabled", "true");
    });
  }
  function rouvrir(formulaire) {
    delete formulaire.dataset.envoye;
    formulaire.querySelectorAll("button[aria-disabled]").forEach(function (bouton) {
      bouton.removeAttribute("aria-disabled");
    });
  }
  var dernier = null; /* le formulaire parti le dernier */
  document.addEventListener("submit", function (e) {
    var formulaire = e.target;
    if (formulaire.method !== "post" || e.defaultPrevented) return;
    if (formulaire.dataset.envoye) return e.preventDefault();
    dernier = formulaire;
    if (!navigator.onLine) {
      e.preventDefault();
      dire("hors-ligne-envoi");
    } else {
      fermer(formulaire);
      setTimeout(rouvrir, 10000, formulaire); /* la page est restée : un fichier rendu, une réponse perdue */
    }
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-envoye]").forEach(rouvrir);
  });

  /* Hors ligne. Le garde (hors-ligne.js) retient l'envoi qui n'atteint pas le serveur : la page reste, avec ce qui est tapé. */
  var AVIS = ["hors-ligne-envoi", "hors-ligne-lien", "en-ligne"];
  function dire(avis) {
    AVIS.forEach(function (nom) {
      var cadre = document.getElementById(nom);
      if (cadre) cadre.hidden = nom !== avis;
    });
    /* Un envoi sans réponse est peut-être arrivé : seul un formulaire à jeton peut promettre qu'il ne comptera qu'une fois. */
    var promesse = document.getElementById("hors-ligne-une-fois"), jeton = dernier && dernier.elements.jeton;
    if (promesse) promesse.hidden = !(jeton && jeton.value);
    var montre = document.getElementById(avis);
    if (montre) montre.scrollIntoView({ block: "nearest" });
  }
  function estDit() {
    return AVIS.some(function (nom) { var cadre = document.getElementById(nom); return cadre && !cadre.hidden; });
  }
  window.addEventListener("offline", function () { dire("hors-ligne-lien"); });
  window.addEventListener("online", function () { if (estDit()) dire("en-ligne"); });
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.addEventListener("message", function (e) {
      document.querySelectorAll("form[data-envoye]").forEach(rouvrir);
      dire("hors-ligne-" + e.data.horsLigne);
    });
    window.addEventListener("load", function () {
      navigator.serviceWorker.register("/hors-ligne.js").catch(function () { /* navigateur qui n'en veut pas : rien ne manque */ });
    });
  }

  /* Quitter sans rien perdre. <form data-brouillon="adresse"> : la saisie y part seule ; <form data-garder> : le navigateur
     avertit avant de la perdre. <form data-efface> jette le brouillon : rien ne part plus après lui. */
  var vues = new WeakMap();
  function saisie(formulaire) {
    var champs = new URLSearchParams(new FormData(formulaire));
    champs.delete("jeton");
    return champs.toString();
  }
  function surveiller(racine) {
    var renvoyee = document.querySelector(".errsum"); /* une saisie refusée n'est gardée nulle part */
    racine.querySelectorAll("form[data-brouillon], form[data-garder]").forEach(function (formulaire) {
      vues.set(formulaire, renvoyee ? "" : saisie(formulaire));
    });
  }
  function modifie(formulaire) {
    return vues.has(formulaire) && !formulaire.dataset.envoye && saisie(formulaire) !== vues.get(formulaire);
  }
  /* Rend les envois en cours : une promesse par brouillon changé, tenue que l'envoi arrive ou non. */
  function envoyerLesBrouillons() {
    if (document.querySelector("form[data-efface][data-envoye]")) return [];
    return Array.prototype.filter.call(document.querySelectorAll("form[data-brouillon]"), modifie).map(function (formulaire) {
      var corps = saisie(formulaire);
      var oublier = function () { vues.set(formulaire, ""); };
      vues.set(formulaire, corps);
      return fetch(formulaire.dataset.brouillon, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" },
        body: corps,
        keepalive: corps.length < 60000 /* au-delà, le navigateur refuserait l'envoi */
      }).then(function (reponse) { if (!reponse.ok) oublier(); }, oublier);
    });
  }
  document.addEventListener("DOMContentLoaded", function () { surveiller(document); });
  window.addEventListener("pagehide", envoyerLesBrouillons);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") envoyerLesBrouillons();
  });
  window.addEventListener("beforeunload", function (e) {
    envoyerLesBrouillons();
    if (Array.prototype.some.call(document.querySelectorAll("form[data-garder]"), modifie)) e.preventDefault();
  });
  /* Suivre un lien attend que le brouillon soit arrivé : la page suivante le montre. Deux secondes au plus. */
  function memePage(lien) {
    return lien.target || lien.hasAttribute("download") || lien.dataset.bsToggle || lien.dataset.bsDismiss || lien.origin !== location.origin
      || lien.href.split("#")[0] === location.href.split("#")[0];
  }
  document.addEventListener("click", function (e) {
    var lien = e.target.closest("a[href]");
    if (!lien || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey || memePage(lien)) return;
    var envois = envoyerLesBrouillons();
    if (!envois.length) return;
    e.preventDefault();
    var delai = new Promise(function (suite) { setTimeout(suite, 2000); });
    Promise.race([Promise.all(envois), delai]).then(function () { location.assign(lien.href); });
  });
  document.addEventListener("htmx:beforeRequest", function (e) {
    var formulaire = e.detail.elt.closest ? e.detail.elt.closest("form[data-brouillon]") : null;
    if (formulaire && formulaire.dataset.envoye) e.preventDefault(); /* l'envoi est parti : plus de brouillon derrière lui */
  });

  /* Le résumé d'erreurs prend le focus dès qu'il paraît. */
  function montrerErreurs(racine) {
    var resume = racine.querySelector ? racine.querySelector(".errsum") : null;
    if (resume) resume.focus();
  }
  document.addEventListener("DOMContentLoaded", function () { montrerErreurs(document); });

  /* Menus <details class="menu"> : fermés par Échap ou par un clic ailleurs. */
  function fermerMenus(sauf) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== sauf) menu.open = false;
    });
  }
  document.addEventListener("click", function (e) { fermerMenus(e.target.closest("details.menu")); });
  document.addEventListener("keydown", function (e) {
    if (e.key !== "Escape") return;
    var menu = document.activeElement.closest("details.menu[open]");
    fermerMenus(null);
    if (menu) menu.querySelector("summary").focus();
  });

  /* Conflit : reprendre l'un des deux textes dans la zone à enregistrer. */
  document.addEventListener("click", function (e) {
    var bouton = e.target.closest("[data-copier]");
    if (!bouton) return;
    var zone = document.getElementById(bouton.dataset.vers);
    zone.value = document.getElementById(bouton.dataset.copier).textContent;
    zone.focus();
  });

  /* Garde des textes : la formulation proposée prend la place du mot, dans le champ ; un second bouton (ou Ctrl+Z) le remet. */
  function ouEst(mot, texte) {
    var lettre = /[\p{L}\p{N}]/u;
    for (var ou = texte.indexOf(mot); ou >= 0; ou = texte.indexOf(mot, ou + 1)) {
      if (!lettre.test(texte.charAt(ou - 1)) && !lettre.test(texte.charAt(ou + mot.length))) return ou;
    }
    return texte.indexOf(mot); /* la garde a signalé une part de mot : elle seule se remplace */
  }
  function changer(champ, de, vers) {
    var ou = ouEst(de, champ.value);
    if (ou < 0) return false;
    champ.focus();
    champ.setSelectionRange(ou, ou + de.length);
    /* insertText garde l'annulation du navigateur ; à défaut, le texte change sans elle. */
    if (!document.execCommand("insertText", false, vers)) {
      champ.setRangeText(vers, ou, ou + de.length, "end");
      champ.dispatchEvent(new Event("input", { bubbles: true }));
    }
    var blanc = vers.indexOf("(date)");
    if (blanc >= 0) champ.setSelectionRange(ou + blanc, ou + blanc + 6); /* ce qui reste à compléter */
    return true;
  }
  document.addEventListener("click", function (e) {
    var bouton = e.target.closest("[data-par], [data-remettre]");
    var place = bouton && bouton.closest("[data-remplace]");
    if (!place) return;
    var champ = document.getElementById(place.dataset.remplace), mot = place.dataset.mot;
    var remettre = bouton.hasAttribute("data-remettre");
    var fait = remettre ? changer(champ, place.dataset.mis || "", mot) : changer(champ, mot, bouton.dataset.par);
    if (fait) {
      if (!remettre) place.dataset.mis = bouton.dataset.par;
      place.querySelectorAll("[data-par]").forEach(function (autre) { autre.hidden = !remettre; });
      place.querySelector("[data-remettre]").hidden = remettre;
    }
    place.querySelector("[role=status]").textContent = !fait ? "Le texte a changé depuis : corrigez-le dans le champ."
      : remettre ? "Le mot est remis." : "Remplacé. Complétez ce qui est entre parenthèses, puis enregistrez.";
  });

  /* htmx note l'adresse de la page dans le navigateur ; elle peut porter un nom cherché : rien n'y reste. */
  function oublierLAdresse() {
    try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch (e) { /* stockage fermé */ }
  }
  oublierLAdresse();
  ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"].forEach(function (nom) {
    document.addEventListener(nom, oublierLAdresse);
  });
  window.addEventListener("pagehide", oublierLAdresse);

  /* htmx : session finie, panne, erreurs renvoyées. */
  function incident(visible) {
    var cadre = document.getElementById("incident");
    if (cadre) cadre.hidden = !visible;
  }
  document.addEventListener("htmx:beforeSwap", function (e) {
    if (/<html[\s>]/i.test(e.detail.serverResponse || "") && e.detail.target !== document.body) {
      e.detail.shouldSwap = false;
      if (e.detail.xhr.status < 400) window.location.reload();
      else incident(true); /* un refus : la page garde ce qui est saisi */
    }
  });
  document.addEventListener("htmx:afterRequest", function (e) {
    var formulaire = e.detail.elt.closest ? e.detail.elt.closest("form") : null;
    if (formulaire) rouvrir(formulaire);
    if (e.detail.successful) incident(false);
  });
  document.addEventListener("htmx:responseError", function () { incident(true); });
  document.addEventListener("htmx:sendError", function () { incident(true); });
  document.addEventListener("htmx:afterSwap", function (e) { surveiller(e.detail.target); montrerErreurs(e.detail.target); });
})();
