// The looks of a report.
#pragma once

namespace inoculate {

/// CSS for light and dark, wide and narrow, and paper. Colours are those of the pictures.
inline constexpr const char* kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #faf9f6; --raised: #fff; --ink: #1f2430; --quiet: #5d6370; --line: #dedcd5;
  --right: #1f7a5c; --wrong: #b92f26;
  --s0: #1d4f91; --s1: #b8501b; --s2: #1f7a5c; --s3: #7a3fa0; --s4: #8a6a00; --s5: #a3255f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171c; --raised: #1c1f26; --ink: #e8e6e0; --quiet: #a0a5b0; --line: #343841;
    --right: #5cc39b; --wrong: #ff8a7d;
    --s0: #85b4f0; --s1: #f0a273; --s2: #6fcfa9; --s3: #cda2ec; --s4: #dcc060; --s5: #f28fbb;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 62rem; padding: 3.5rem 1.5rem 5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 Lato, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums lining-nums;
}
h1, h2, h3 { line-height: 1.2; font-weight: 650; text-wrap: balance; }
h1 { font-size: 2.1rem; letter-spacing: -0.015em; margin: 0 0 .6rem; }
h2 { font-size: 1.3rem; margin: 3.6rem 0 .6rem; padding-top: 1.1rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 44rem; }
.kicker { color: var(--quiet); font-size: .875rem; margin: 0 0 .5rem; }
.lede { font-size: 1.1rem; }
.note, caption, figcaption, .interval, dt { color: var(--quiet); font-size: .875rem; }
bdi, dd, code { overflow-wrap: anywhere; }
.verdicts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1.6rem 2rem; margin: 2.2rem 0 0; padding: 0; list-style: none; }
.verdicts li { border-top: 1px solid var(--line); padding-top: .7rem; }
.verdicts strong { display: block; font-weight: 650; }
.big { display: block; font-size: 2.6rem; line-height: 1.15; font-weight: 300; letter-spacing: -0.02em; }
.big small { font-size: 1.2rem; letter-spacing: 0; }
.verdicts span { display: block; }
.rings, .falls { color: var(--wrong); }
.quiet-bell { color: var(--right); }
.scroll { overflow-x: auto; margin: 1rem 0; }
.scroll:focus-visible { outline: 2px solid var(--s0); outline-offset: 3px; }
table { border-collapse: collapse; min-width: 100%; }
caption { text-align: left; padding-bottom: .4rem; caption-side: top; }
th, td { padding: .45rem 0 .45rem 1.4rem; text-align: right; vertical-align: top; font-weight: 400; white-space: nowrap; }
thead th { border-bottom: 1px solid var(--ink); font-size: .875rem; color: var(--quiet); vertical-align: bottom; white-space: normal; min-width: 5rem; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
th:first-child { padding-left: 0; text-align: left; }
table.words th, table.words td { text-align: left; white-space: normal; }
table.words th { width: 52%; }
table.strong-last tbody tr:last-child > * { border-top: 1px solid var(--ink); font-weight: 650; }
.interval { display: block; font-weight: 400; }
.bar { display: block; height: 3px; margin-top: .3rem; background: var(--line); min-width: 7rem; }
.bar i { display: block; height: 3px; background: var(--ink); }
svg.chart { display: block; width: 100%; height: auto; font-size: 12.5px; margin: 1.2rem 0 .8rem; overflow: visible; }
svg text { fill: var(--quiet); }
.narrow { display: none; }
.axis { stroke: var(--ink); } .grid, .leader { stroke: var(--line); }
.rule { stroke: var(--quiet); stroke-dasharray: 1 3; }
.curve { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
.area { stroke: var(--paper); stroke-width: 1; } .area + text { fill: var(--ink); }
.b0 { fill: var(--s2); fill-opacity: .45; } .b1 { fill: var(--quiet); fill-opacity: .18; } .b2 { fill: var(--s1); fill-opacity: .4; }
.mark { fill: var(--c); stroke: var(--paper); stroke-width: 1; }
.mark.hollow { fill: var(--paper); stroke: var(--c); stroke-width: 2; }
.s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); }
.s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
.swatch { display: inline-block; vertical-align: middle; margin-right: .5rem; }
.legend { list-style: none; padding: 0; margin: .6rem 0 1rem; display: flex; flex-wrap: wrap; gap: .3rem 1.8rem; }
summary { cursor: pointer; }
figure { margin: 1.2rem 0 2rem; break-inside: avoid; }
figure .scroll { margin: 0; border: 1px solid var(--line); border-radius: 3px; background: #faf9f6; }
figure img { display: block; width: 100%; min-width: 46rem; height: auto; }
figcaption { margin-top: .45rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.6rem; margin: 1rem 0; }
dd { margin: 0; }
ul.plain { padding-left: 1.1rem; margin: .6rem 0; max-width: 46rem; }
ul.plain li { margin: .35rem 0; }
pre { margin: .8rem 0 1.4rem; padding: .9rem 1.1rem; background: var(--raised); border: 1px solid var(--line); border-radius: 3px; white-space: pre-wrap; font-size: .875rem; line-height: 1.5; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) { figure img { filter: brightness(.88); } }
@media (max-width: 40rem) {
  body { padding: 2rem 1rem 3rem; }
  h1 { font-size: 1.7rem; }
  h2 { margin-top: 2.6rem; }
  .wide { display: none !important; } .narrow { display: block; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .7rem; }
  th, td { padding-left: .8rem; }
  th:first-child { white-space: normal; }
  caption { width: calc(100vw - 2rem); position: sticky; left: 0; }
  .bar { min-width: 4.5rem; }
}
@media print {
  :root { --paper: #fff; --raised: #fff; --ink: #000; --quiet: #444; --line: #bbb; --right: #0b5c40; --wrong: #9c1f17;
          --s0: #1d4f91; --s1: #b8501b; --s2: #1f7a5c; --s3: #7a3fa0; --s4: #8a6a00; --s5: #a3255f; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  figure img { min-width: 0; filter: none; }
  .scroll { overflow: visible; }
  h2, h3 { break-after: avoid; }
  tr, li, svg.chart { break-inside: avoid; }
  .bar, .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  @page { margin: 18mm 16mm; }
}
)css";

}  // namespace inoculate
