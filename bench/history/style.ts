/** Light and dark, as the reader's system has it. */
export const STYLE = `
  :root {
    color-scheme: light dark;
    --ink: #1d2733; --faint: #8894a3; --line: #dfe5ec; --accent: #1769c4;
    --card: #fff; --page: #f4f6f9; --worse: #b3261e; --better: #14713d;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --ink: #e3e8ee; --faint: #8d99a8; --line: #2c3642; --accent: #6cb1ff;
      --card: #171d25; --page: #0f141a; --worse: #ff8a80; --better: #6fd08c;
    }
  }
  body {
    margin: 0; padding: 24px;
    font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page);
  }
  h1 { font-size: 22px; margin: 0 0 4px; }
  h2 { font-size: 17px; margin: 32px 0 2px; }
  p { margin: 0 0 12px; color: var(--faint); }
  .charts {
    display: grid; gap: 14px;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr));
  }
  figure {
    margin: 0; padding: 12px 12px 6px;
    background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  }
  figcaption {
    display: flex; gap: 8px; justify-content: space-between; align-items: baseline;
    font-weight: 600;
  }
  figcaption span {
    font-weight: 400; font-size: 13px; color: var(--faint);
    text-align: right; white-space: nowrap;
  }
  figcaption .worse { color: var(--worse); }
  figcaption .better { color: var(--better); }
  svg { width: 100%; height: auto; display: block; }
  polyline { fill: none; stroke: var(--accent); stroke-width: 1.6; }
  circle { fill: var(--accent); stroke: var(--card); stroke-width: 1; }
  .range { stroke: var(--accent); stroke-width: 5; opacity: .22; stroke-linecap: round; }
  .grid { stroke: var(--line); }
  text { font-size: 10.5px; fill: var(--faint); }
  .scale, .last { text-anchor: end; }
`;
