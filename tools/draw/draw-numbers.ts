import type { PlacedPanel } from '../dashboards/model.ts';
import type { Answers, Series } from './ask.ts';
import { fieldOf, nameOf, show, tableOf } from './frames.ts';
import { type Box, faint, hex, line, n, noData, rect, rule, text, widthOf } from './svg.ts';

export function drawStat(panel: PlacedPanel, answers: Answers, { x, y, w, h }: Box, now: number): string {
  const [series] = [...answers.values()].flat();
  const last = series?.points.at(-1)?.[1];
  if (series === undefined || last === undefined) return noData({ x, y, w, h });
  const shown = show(fieldOf(panel, ''), last, now);
  const color = hex(shown.color);
  const size = Math.min(34, (w - 24) / widthOf(shown.text, 1, true));
  return [
    panel.options?.['graphMode'] === 'area'
      ? spark(series, { x, y: y + h * 0.62, w, h: h * 0.38 }, color)
      : '',
    text(x + w / 2, y + h * 0.48, shown.text, {
      size: Math.round(size),
      color,
      anchor: 'middle',
      bold: true,
    }),
  ].join('');
}

function spark({ points }: Series, { x, y, w, h }: Box, color: string): string {
  const values = points.map(([, value]) => value).filter(Number.isFinite);
  const top = Math.max(...values, 1e-9);
  const at = (index: number, value: number) =>
    `${n(x + (w * index) / Math.max(1, values.length - 1))} ${n(y + h - 2 - ((h - 6) * value) / top)}`;
  const path = values.map((value, index) => `${index === 0 ? 'M' : 'L'}${at(index, value)}`).join('');
  return (
    `<path d="${path}L${n(x + w)} ${n(y + h)}L${n(x)} ${n(y + h)}Z" fill="${color}" fill-opacity="0.12"/>` +
    `<path d="${path}" stroke="${color}" fill="none" stroke-width="1.5"/>`
  );
}

export function drawBars(panel: PlacedPanel, answers: Answers, { x, y, w, h }: Box, now: number): string {
  const all = [...answers].flatMap(([target, list]) =>
    list.map((series) => ({ name: nameOf(target, series), value: series.points.at(-1)?.[1] ?? 0 })),
  );
  if (all.length === 0) return noData({ x, y, w, h });
  const top = Math.max(...all.map(({ value }) => value), 1e-9);
  const row = Math.min(34, h / all.length);
  const label = 90;
  return all
    .map(({ name, value }, index) => {
      const { text: words, color } = show(fieldOf(panel, name), value, now);
      const box = { x: x + label, y: y + index * row + row * 0.2, w: w - label - 50, h: row * 0.6 };
      const middle = box.y + box.h / 2 + 4;
      return [
        text(x + label - 8, middle, name, { anchor: 'end', within: label - 10 }),
        rect(box, '#f1f3f5'),
        rect({ ...box, w: (box.w * value) / top }, hex(color)),
        text(box.x + box.w + 8, middle, words, { bold: true, color: hex(color) }),
      ].join('');
    })
    .join('');
}

const rowHeight = 25;

export function drawTable(panel: PlacedPanel, answers: Answers, { x, y, w, h }: Box, now: number): string {
  const { columns, rows } = tableOf(panel, answers);
  if (rows.length === 0) return noData({ x, y, w, h });
  const fields = columns.map((name) => fieldOf(panel, name));
  const shown = rows.map((cells) =>
    cells.map((cell, index) => {
      const field = fields[index];
      return cell === undefined || field === undefined ? undefined : { cell, ...show(field, cell, now) };
    }),
  );
  const widths = share(
    w,
    columns.map((name, index) =>
      Math.max(
        fields[index]?.cell === 'gauge' ? 120 : 0,
        widthOf(name, 12, true) + 16,
        ...shown.map(
          (cells) => Math.min(fields[index]?.minWidth ?? 140, widthOf(cells[index]?.text ?? '', 12)) + 16,
        ),
      ),
    ),
  );
  const lefts = widths.map((_, index) => x + widths.slice(0, index).reduce((sum, each) => sum + each, 0));
  const room = Math.floor(h / rowHeight) - 1;
  const parts = columns.map((name, index) =>
    text((lefts[index] ?? 0) + 6, y + 16, name, {
      bold: true,
      color: hex('blue'),
      within: (widths[index] ?? 0) - 8,
    }),
  );
  for (const [index, cells] of shown.slice(0, room).entries()) {
    const top = y + (index + 1) * rowHeight;
    parts.push(line(x, top, x + w, top, rule));
    for (const [column, one] of cells.entries()) {
      if (one === undefined) continue;
      const [left, width] = [(lefts[column] ?? 0) + 6, (widths[column] ?? 0) - 12];
      const cell = fields[column]?.cell;
      const color = cell === undefined ? undefined : one.color;
      if (cell === 'gauge' && typeof one.cell === 'number') {
        const bar = { x: left, y: top + 6, w: width - 38, h: rowHeight - 12 };
        parts.push(rect(bar, '#f1f3f5'), rect({ ...bar, w: bar.w * Math.min(1, one.cell) }, hex(color)));
        parts.push(text(left + width, top + 17, one.text, { anchor: 'end', color: hex(color) }));
      } else {
        parts.push(text(left, top + 17, one.text, { color: hex(color), within: width + 6 }));
      }
    }
  }
  if (rows.length > room)
    parts.push(
      text(x + w - 4, y + h - 1, `${rows.length - room} more`, { anchor: 'end', color: faint, size: 10 }),
    );
  return parts.join('');
}

/** Widths that fill what there is, each column in proportion to what it needs. */
function share(whole: number, needs: readonly number[]): number[] {
  const sum = needs.reduce((all, each) => all + each, 0);
  return needs.map((need) => (need * whole) / sum);
}
