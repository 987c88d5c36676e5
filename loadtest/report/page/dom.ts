export type Child = Node | string | undefined;

/** An element with its attributes and children; text becomes text nodes, so that none is ever read as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A table whose first column names the row; a column is to the right when it holds figures. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Child[])[],
  note?: string,
): HTMLElement {
  const align = (index: number) => ({ class: columns[index]!.isFigure ? 'figure' : 'text' });
  const head = columns.map((column, index) =>
    element('th', { scope: 'col', ...align(index) }, column.name),
  );
  const hasFigures = columns.some((column) => column.isFigure);
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...row.map((cell, index) =>
        index === 0 ? element('th', { scope: 'row' }, cell) : element('td', align(index), cell),
      ),
    ),
  );
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      hasFigures ? {} : { class: 'narrow' },
      element(
        'caption',
        {},
        caption,
        note === undefined ? undefined : element('span', { class: 'note' }, note),
      ),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  );
}

export interface Column {
  readonly name: string;
  readonly isFigure: boolean;
}

export function texts(...names: readonly string[]): Column[] {
  return names.map((name) => ({ name, isFigure: false }));
}

export function figures(...names: readonly string[]): Column[] {
  return names.map((name) => ({ name, isFigure: true }));
}

/** A word that says how something ended: its colour repeats what it says. */
export function verdict(isGood: boolean, text: string): HTMLElement {
  return element('span', { class: isGood ? 'verdict good' : 'verdict bad' }, text);
}
