/* Passe Lighthouse, profil téléphone, sur les adresses reçues à l'entrée ; une ligne JSON par passage.
   Arguments : le dossier des mesureurs, le chemin de chromium. Entrée : une ligne JSON {nom, adresse, temoin} par page. */
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [dossier, chromePath] = process.argv.slice(2);
const apporter = (chemin) => import(pathToFileURL(`${dossier}/node_modules/${chemin}`).href);
const { default: lighthouse } = await apporter("lighthouse/core/index.js");
const { launch } = await apporter("chrome-launcher/dist/index.js");

const RUBRIQUES = ["performance", "accessibility", "best-practices"];
const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"] });

/* Les contrôles qui coûtent des points à une rubrique. */
function manques(lhr, rubrique) {
  return lhr.categories[rubrique].auditRefs
    .filter((lien) => lien.weight > 0 && lhr.audits[lien.id].score !== null && lhr.audits[lien.id].score < 1)
    .map((lien) => lien.id);
}

async function mesurer(page) {
  const options = { port: chrome.port, output: "json", logLevel: "silent", onlyCategories: RUBRIQUES, locale: "fr" };
  const extraHeaders = page.temoin ? { Cookie: page.temoin } : undefined;
  const { lhr } = await lighthouse(page.adresse, { ...options, extraHeaders });
  if (lhr.runtimeError) return { nom: page.nom, erreur: lhr.runtimeError.message };
  const releve = { nom: page.nom, manques: {} };
  for (const rubrique of RUBRIQUES) {
    releve[rubrique] = Math.round(lhr.categories[rubrique].score * 100);
    releve.manques[rubrique] = manques(lhr, rubrique);
  }
  releve.lcp = lhr.audits["largest-contentful-paint"].numericValue;
  releve.cls = lhr.audits["cumulative-layout-shift"].numericValue;
  releve.tbt = lhr.audits["total-blocking-time"].numericValue;
  return releve;
}

try {
  for await (const ligne of createInterface({ input: process.stdin })) {
    const page = JSON.parse(ligne);
    const releve = await mesurer(page).catch((erreur) => ({ nom: page.nom, erreur: String(erreur.message || erreur) }));
    process.stdout.write(JSON.stringify(releve) + "\n");
  }
} finally {
  await chrome.kill();
}
