/* Quand le réseau manque. Rien d'un dossier n'est gardé : seules la page « hors ligne » et sa feuille le sont.
   Un envoi ou un lien qui n'atteint pas le serveur ne quitte pas la page : ce qui est tapé y reste, et elle le dit.
   Servi à la racine du site (/hors-ligne.js) : un garde ne veille que sur ce qui est au-dessous de son adresse. */
"use strict";
const RESERVE = "hors-ligne-1";
const PAGE = new URL("static/hors-ligne.html", self.location).href;
const PIECES = [PAGE, new URL("static/hors-ligne.css", self.location).href];

self.addEventListener("install", (e) => {
  self.skipWaiting();
  e.waitUntil(caches.open(RESERVE).then((reserve) => reserve.addAll(PIECES)));
});
self.addEventListener("activate", (e) => {
  const autres = caches.keys().then((noms) => Promise.all(noms.filter((nom) => nom !== RESERVE).map((nom) => caches.delete(nom))));
  e.waitUntil(autres.then(() => self.clients.claim()));
});

/* La page d'où part la demande, si elle est encore ouverte. */
async function depart(demande) {
  const fenetres = await self.clients.matchAll({ type: "window" });
  return fenetres.find((fenetre) => fenetre.url.split("#")[0] === demande.referrer.split("#")[0]);
}

async function sansReseau(demande) {
  const fenetre = await depart(demande);
  if (!fenetre && demande.method === "GET") return caches.match(PAGE);
  if (fenetre) fenetre.postMessage({ horsLigne: demande.method === "GET" ? "lien" : "envoi" });
  return new Response(null, { status: 204 }); /* le navigateur reste où il est */
}

self.addEventListener("fetch", (e) => {
  if (e.request.mode === "navigate") e.respondWith(fetch(e.request).catch(() => sansReseau(e.request)));
  else if (PIECES.includes(e.request.url)) e.respondWith(fetch(e.request).catch(() => caches.match(e.request)));
});
