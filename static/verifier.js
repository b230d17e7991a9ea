/* Vérifier un fichier : son empreinte se calcule ici et part seule, le fichier reste sur l'appareil.
   Sans ce script, ou sans WebCrypto (page servie sans HTTPS), le fichier est envoyé, lu et pas gardé. */
(function () {
  "use strict";
  var formulaire = document.querySelector("[data-verifier]");
  if (!formulaire || !window.crypto || !window.crypto.subtle) return;
  var champ = formulaire.querySelector("[type=file]");
  var cache = formulaire.querySelector("[name=empreinte]");

  function enHexa(octets) {
    return Array.from(new Uint8Array(octets), function (o) {
      return o.toString(16).padStart(2, "0");
    }).join("");
  }
  formulaire.addEventListener("submit", function (e) {
    var fichier = champ.files[0];
    if (!fichier || fichier.size > Number(champ.dataset.poids)) return;
    e.preventDefault();
    fichier
      .arrayBuffer()
      .then(function (octets) {
        return window.crypto.subtle.digest("SHA-256", octets);
      })
      .then(function (empreinte) {
        cache.value = enHexa(empreinte);
        champ.disabled = true;
        formulaire.submit();
      })
      .catch(function () {
        formulaire.submit();
      });
  });
  window.addEventListener("pageshow", function () {
    champ.disabled = false;
    cache.value = "";
  });
})();
