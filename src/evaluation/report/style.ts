// The report's looks: one column of text, figures on white cards, dark pages where the reader's system is dark, plain on paper.

export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --card: #f5f7fa; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181e; --ink: #e4e8ee; --soft: #9aa5b3; --line: #323a45; --card: #1d232b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 62rem; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .8rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .6rem; }
p { margin: .6rem 0; max-width: 46rem; }
.note, figcaption, .lead { color: var(--soft); font-size: .9rem; }
.key { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1.6rem 0 0; padding: 0; list-style: none; }
.key li { background: var(--card); border-radius: .5rem; padding: .8rem 1rem; }
.key b { display: block; font-size: 1.5rem; line-height: 1.3; }
.key span { color: var(--soft); font-size: .85rem; }
figure { margin: 1rem 0; max-width: 720px; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; background: #fff; border: 1px solid var(--line); border-radius: .5rem; }
figcaption { margin-top: .5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
.figures figure { margin: 0; }
table { display: block; overflow-x: auto; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .8rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; font-weight: 400; }
thead th { color: var(--soft); font-size: .82rem; }
.facts th { text-align: left; color: var(--soft); vertical-align: top; padding-left: 0; }
.facts td { text-align: left; white-space: normal; }
.frames { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.2rem, 1fr)); gap: .8rem .5rem; margin: 0; padding: 0; list-style: none; }
.frames li { font-size: .78rem; line-height: 1.35; break-inside: avoid; }
.frames img { display: block; width: 64px; height: auto; margin-bottom: .25rem; border-radius: .25rem; image-rendering: pixelated; }
.frames b, .frames span { display: block; }
.frames span { color: var(--soft); }
@media print { :root { --ground: #fff; --ink: #000; --soft: #444; --line: #bbb; --card: #f5f7fa; }
  body { max-width: none; padding: 0; font-size: 11pt; } h2, h3 { break-after: avoid; } .figures { grid-template-columns: 1fr 1fr 1fr; } }
`;
