/** How the page looks: system fonts, one column, light or dark as the reader's system is. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --link: #0550ae;
  --add: #0f5d26; --add-back: #e4f5e9; --remove: #a00d24; --remove-back: #fdebea; --warn: #744500; --warn-back: #fff3d1;
  --focus: #0969da;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --panel: #171c23; --text: #e3e8ee; --quiet: #a0aab5; --line: #333c46; --link: #7ab7ff;
    --add: #7ddf9c; --add-back: #12291a; --remove: #ffa39b; --remove-back: #35181b; --warn: #f0c56b; --warn-back: #2e2510;
    --focus: #58a6ff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 78rem; padding: 1rem 1.25rem 3rem; background: var(--page); color: var(--text);
  font: 0.875rem/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
  overflow-wrap: anywhere;
}
code, bdi { unicode-bidi: isolate; }
code { font-family: var(--mono); font-size: 0.925em; white-space: pre-wrap; }
a { color: var(--link); text-underline-offset: 0.3em; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
h1, h2, h3, p, ul, dl, dd { margin: 0; }
ul { padding: 0; list-style: none; }
h1 { font-size: 1.25rem; line-height: 1.3; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 0.5rem; }
h3 { font-size: 0.875rem; margin: 0.75rem 0 0.25rem; }
table { border-collapse: collapse; }
th { text-align: left; font-weight: 600; }
.quiet, .place, .help { color: var(--quiet); }
.place { font-family: var(--mono); font-size: 0.8rem; }
.aside, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.badge {
  display: inline-block; padding: 0 0.4em; border: 1px solid var(--line); border-radius: 3px; font-size: 0.75rem; line-height: 1.35rem;
  background: var(--panel); color: var(--text);
}
.badge.add { color: var(--add); background: var(--add-back); border-color: currentColor; }
.badge.remove { color: var(--remove); background: var(--remove-back); border-color: currentColor; font-weight: 600; }
.badge.warn { color: var(--warn); background: var(--warn-back); border-color: currentColor; }

.top { border-bottom: 1px solid var(--line); padding-bottom: 1rem; }
.where:empty { display: none; }
.banner { margin-top: 0.5rem; padding: 0.4rem 0.75rem; border: 1px solid; border-radius: 3px; color: var(--warn); background: var(--warn-back); }
.verdict { margin: 0.75rem 0 0.5rem; font-size: 1.75rem; line-height: 1.2; font-weight: 650; }
.verdict.bad { color: var(--remove); }
.counts, .chips { display: flex; flex-wrap: wrap; gap: 0.3rem; }
.counts li { padding: 0.1rem 0.55rem; border: 1px solid var(--line); border-radius: 3px; background: var(--panel); }
.counts li.remove { color: var(--remove); background: var(--remove-back); border-color: currentColor; }
.counts li.warn { color: var(--warn); background: var(--warn-back); border-color: currentColor; }

#caution { margin-top: 1rem; padding: 0.75rem 1rem; border: 1px solid var(--remove); border-left-width: 4px; border-radius: 4px; }
#caution h2 { margin: 0; color: var(--remove); }
.told > li { padding: 0.2rem 0; }
.told > li + li { border-top: 1px solid var(--line); }
.help { padding-left: 1rem; }

#controls {
  margin: 0.5rem 0 0.75rem; padding: 0.6rem 0.75rem; border: 1px solid var(--line); border-radius: 4px; background: var(--panel);
}
#controls p { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.6rem; }
#search { flex: 1 1 12rem; min-width: 0; max-width: 28rem; padding: 0.25rem 0.5rem; border: 1px solid var(--quiet); border-radius: 3px; background: var(--page); color: inherit; font: inherit; }
#search::placeholder { color: var(--quiet); opacity: 1; }
.filters { display: flex; flex-wrap: wrap; gap: 0.4rem 1.5rem; margin-top: 0.5rem; }
.filters > div { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem; }
button {
  padding: 0.1rem 0.5rem; border: 1px solid var(--quiet); border-radius: 3px; background: var(--page); color: var(--text); font: inherit; font-size: 0.8rem;
  cursor: pointer;
}
button small { color: var(--quiet); }
button[aria-pressed='true'] { background: var(--text); color: var(--page); border-color: var(--text); }
button[aria-pressed='true'] small { color: inherit; }
button:disabled { color: var(--quiet); border-color: var(--line); cursor: default; }

.card {
  margin-top: 0.6rem; padding: 0.55rem 0.85rem 0.65rem; border: 1px solid var(--line); border-left: 4px solid var(--quiet); border-radius: 4px;
  content-visibility: auto; contain-intrinsic-size: auto 12rem;
}
.card.create { border-left-color: var(--add); }
.card.delete, .card.reset { border-left-color: var(--remove); }
.card:target { outline: 2px solid var(--focus); }
.card header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.15rem 0.5rem; }
.card h3 { margin: 0; font-size: 0.95rem; }
.card header .place { margin-left: auto; }
.card .told { margin-top: 0.35rem; }
.fate { font-weight: 600; color: var(--quiet); }
.fate.create { color: var(--add); }
.fate.delete, .fate.reset { color: var(--remove); }

summary { margin-top: 0.35rem; color: var(--link); cursor: pointer; }

.fields { width: 100%; margin-top: 0.4rem; table-layout: fixed; }
.fields th, .fields td { padding: 0.12rem 0.6rem 0.12rem 0; vertical-align: top; }
.fields thead th { color: var(--quiet); font-weight: 400; font-size: 0.75rem; border-bottom: 1px solid var(--line); padding-bottom: 0; }
.fields tbody tr + tr > * { border-top: 1px solid var(--line); }
.fields th:first-child { width: 26%; }
.fields th { font-weight: 400; }
.fields .before > code { color: var(--remove); }
.fields .after > code { color: var(--add); }
.chips { margin-top: 0.15rem; }
.chips li { padding: 0 0.35rem; border-radius: 3px; }
.chips.add li { color: var(--add); background: var(--add-back); }
.chips.remove li { color: var(--remove); background: var(--remove-back); }
.long { max-height: 15rem; overflow: auto; padding: 0.25rem 0.4rem; border: 1px solid var(--line); border-radius: 3px; background: var(--panel); }

.legend { display: flow-root; margin-top: 0.6rem; color: var(--quiet); }
.legend button { margin-left: 0.5rem; }
.matrix, .box { overflow: auto; max-width: 100%; }
.matrix { position: relative; max-height: 28rem; margin-top: 0.25rem; border: 1px solid var(--line); border-radius: 3px; }
.matrix table { border-collapse: separate; border-spacing: 0; font-size: 0.8rem; }
.matrix th, .matrix td { padding: 0.1rem 0.5rem; border-bottom: 1px solid var(--line); border-right: 1px solid var(--line); background: var(--page); overflow-wrap: normal; }
.matrix th { font-weight: 400; }
.matrix thead th { position: sticky; top: 0; z-index: 1; vertical-align: bottom; text-align: center; background: var(--panel); }
.matrix tr > :first-child { position: sticky; left: 0; text-align: left; max-width: 45vw; }
.matrix thead tr > :first-child { z-index: 2; }
.matrix td { text-align: center; min-width: 3.5rem; }
.matrix td.gained { color: var(--add); background: var(--add-back); font-weight: 700; }
.matrix td.lost { color: var(--remove); background: var(--remove-back); font-weight: 700; }
.matrix td.kept { color: var(--quiet); }
.legend .gained { color: var(--add); }
.legend .lost { color: var(--remove); }

.numbers { margin-top: 0.4rem; }
.numbers th, .numbers td { padding: 0.15rem 1.25rem 0.15rem 0; border-bottom: 1px solid var(--line); }
.numbers tbody th { font-weight: 400; }
.numbers td, .numbers th + th { text-align: right; }
footer { margin-top: 2rem; border-top: 1px solid var(--line); }
dl > div { display: flex; gap: 1rem; padding: 0.15rem 0; }
dt { flex: 0 0 10rem; color: var(--quiet); }
dd { min-width: 0; }

@media (max-width: 44rem) {
  body { padding: 0.75rem 0.75rem 2rem; }
  .card header .place { margin-left: 0; }
  .fields thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .fields, .fields tbody, .fields tr, .fields td, .fields tbody th { display: block; width: auto; }
  .fields tbody tr { padding: 0.2rem 0; }
  .fields tbody tr + tr { border-top: 1px solid var(--line); }
  .fields tbody tr + tr > * { border-top: 0; }
  .fields th:first-child { width: auto; }
  .fields td::before { display: block; color: var(--quiet); font-size: 0.75rem; }
  .fields.update td.before::before { content: 'Before'; }
  .fields.update td.after::before { content: 'After'; }
  dl > div { display: block; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --panel: #ffffff; --text: #000000; --quiet: #444444; --line: #999999; --link: #000000;
    --add: #0f5d26; --add-back: #ffffff; --remove: #a00d24; --remove-back: #ffffff; --warn: #744500; --warn-back: #ffffff;
  }
  body { max-width: none; padding: 0; font-size: 9pt; }
  #controls, .skip, .legend button { display: none; }
  .card { content-visibility: visible; break-inside: auto; }
  .card header { break-after: avoid; }
  .long, .matrix, .box { max-height: none; overflow: visible; }
  .matrix th, .matrix thead th { position: static; }
}
`;

/** What the page's policy allows as a style: this text and no other. */
export const styleHash = 'sha256-cJpWegDS6QIBVejv/VLEG0HT+RLfWy2V+UhHpbb1aHU=';
