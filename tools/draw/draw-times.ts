import type { PlacedPanel } from '../dashboards/model.ts';
import type { Answers, Choice } from './ask.ts';
import { fieldOf, nameOf, show } from './frames.ts';
import { formatValue } from './format.ts';
import { type Box, faint, hex, line, n, noData, paletteColor, rect, text, widthOf } from './svg.ts';

interface Named {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [time: number, value: number])[];
}

const axis = 20;
const legendHeight = 18;

/** Where a moment lies. */
const scaleTime = (choice: Choice, { x, w }: Box) => {
  const start = choice.end - choice.range;
  return (time: number) => x + (w * (time - start)) / choice.range;
};

export function drawLines(panel: PlacedPanel, answers: Answers, box: Box, choice: Choice): string {
  const custom = panel.fieldConfig?.defaults.custom as {
    drawStyle: string;
    stacking: { mode: string };
  };
  const series = nameAll(panel, answers);
  if (series.every(({ points }) => points.every(([, value]) => !Number.isFinite(value)))) return noData(box);
  const plot = { x: box.x + 58, y: box.y + 4, w: box.w - 66, h: box.h - axis - legendHeight - 4 };
  const stacked =
    custom.stacking.mode === 'normal' ? stack(series) : series.map((one) => ({ ...one, base: undefined }));
  const top = niceTop(
    Math.max(...stacked.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite)),
  );
  const toX = scaleTime(choice, plot);
  const toY = (value: number) => plot.y + plot.h - (plot.h * value) / top;
  const { unit, decimals } = fieldOf(panel, '');
  const grid = [0, 0.5, 1].map((part) => {
    const y = toY(top * part);
    return (
      line(plot.x, y, plot.x + plot.w, y) +
      text(plot.x - 6, y + 4, formatValue(top * part, unit, decimals, choice.end), {
        size: 10,
        color: faint,
        anchor: 'end',
      })
    );
  });
  const step = (plot.w * choice.step) / choice.range;
  const drawn = stacked.map(({ points, base, color }) => {
    const finite = points.filter(([, value]) => Number.isFinite(value));
    if (custom.drawStyle === 'bars')
      return finite
        .filter(([time, value]) => value > (base?.get(time) ?? 0))
        .map(([time, value]) => {
          const low = base?.get(time) ?? 0;
          return rect(
            { x: toX(time) - step * 0.8, y: toY(value), w: step * 0.8, h: toY(low) - toY(value) },
            color,
          );
        })
        .join('');
    return runs(finite, choice.step)
      .map((run) => drawRun(run, base, toX, toY, color))
      .join('');
  });
  return [...grid, ...drawn.reverse(), timeAxis(plot, choice), legend(series, box)].join('');
}

type Points = Named['points'];

/** Parts without a hole: a line across one would tell of what nobody measured. */
function runs(points: Points, step: number): Points[] {
  const parts: (readonly [number, number])[][] = [];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined || point[0] - before[0] > step * 1.5) parts.push([]);
    parts.at(-1)?.push(point);
  }
  return parts;
}

function drawRun(
  points: Points,
  base: ReadonlyMap<number, number> | undefined,
  toX: (time: number) => number,
  toY: (value: number) => number,
  color: string,
): string {
  const path = steps(points.map(([time, value]) => [toX(time), toY(value)]));
  const outline = `<path d="M${path.join('L')}" stroke="${color}" fill="none" stroke-width="1.5"/>`;
  if (base === undefined) return outline;
  const under = steps(points.map(([time]) => [toX(time), toY(base.get(time) ?? 0)])).reverse();
  return `<path d="M${[...path, ...under].join('L')}Z" fill="${color}" fill-opacity="0.4"/>${outline}`;
}

/** A value holds until the next one. */
const steps = (points: readonly (readonly [number, number])[]): string[] =>
  points.flatMap(([x, y], index) => {
    const before = points[index - 1];
    return before === undefined || before[1] === y
      ? [`${n(x)} ${n(y)}`]
      : [`${n(x)} ${n(before[1])}`, `${n(x)} ${n(y)}`];
  });

function stack(series: readonly Named[]): (Named & { readonly base: ReadonlyMap<number, number> })[] {
  const sums = new Map<number, number>();
  return series.map((one) => {
    const base = new Map(sums);
    const points = one.points.map(([time, value]) => {
      const sum = (sums.get(time) ?? 0) + (Number.isFinite(value) ? value : 0);
      sums.set(time, sum);
      return [time, sum] as const;
    });
    return { ...one, base, points };
  });
}

function niceTop(highest: number): number {
  if (!(highest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * power >= highest) ?? 10) * power;
}

export function drawTimeline(panel: PlacedPanel, answers: Answers, box: Box, choice: Choice): string {
  const series = nameAll(panel, answers);
  if (series.length === 0) return noData(box);
  const label = Math.min(190, box.w * 0.45, Math.max(...series.map(({ name }) => widthOf(name, 11))) + 12);
  const plot = { x: box.x + label, y: box.y, w: box.w - label - 8, h: box.h - axis - legendHeight };
  const row = Math.min(26, plot.h / series.length);
  const toX = scaleTime(choice, plot);
  const field = fieldOf(panel, '');
  const seen = new Map<string, string>();
  const rows = series.map(({ name, points }, index) => {
    const y = plot.y + index * row;
    const parts = [
      text(plot.x - 8, y + row / 2 + 4, name, { size: Math.min(11, row), anchor: 'end', within: label }),
    ];
    for (const { from, to, value } of spans(points, choice)) {
      const { text: words, color } = show(field, value, choice.end);
      seen.set(words, hex(color));
      parts.push(rect({ x: toX(from), y: y + row * 0.1, w: toX(to) - toX(from), h: row * 0.8 }, hex(color)));
    }
    return parts.join('');
  });
  const states = [...seen].map(([name, color]) => ({ name, color, points: [] }));
  return [...rows, timeAxis(plot, choice), legend(states, box)].join('');
}

/** How long each value held. Beyond a hole nobody knows how it was. */
function spans(points: Points, { step, end }: Choice): { from: number; to: number; value: number }[] {
  const found: { from: number; to: number; value: number }[] = [];
  for (const [time, value] of points) {
    const before = found.at(-1);
    const to = Math.min(time + step, end);
    if (before?.value === value && time <= before.to) before.to = to;
    else found.push({ from: time, to, value });
  }
  return found;
}

/** Relative: the picture is about how things go, not about when it was drawn. */
function timeAxis({ x, y, w, h }: Box, { range }: Choice): string {
  return (w < 300 ? [0, 1] : [0, 0.25, 0.5, 0.75, 1])
    .map((part) => {
      const ago = (range * (1 - part)) / 60;
      const words = ago === 0 ? 'now' : `−${Number(ago.toFixed(1))} min`;
      return text(x + w * part, y + h + 14, words, {
        size: 10,
        color: faint,
        anchor: part === 1 ? 'end' : part === 0 ? 'start' : 'middle',
      });
    })
    .join('');
}

function legend(series: readonly Named[], { x, y, w, h }: Box): string {
  const parts: string[] = [];
  let left = x + 4;
  for (const [index, { name, color }] of series.entries()) {
    const width = widthOf(name, 11) + 26;
    if (left + width > x + w - 50) {
      parts.push(
        text(x + w - 2, y + h - 5, `${series.length - index} more`, {
          size: 10,
          color: faint,
          anchor: 'end',
        }),
      );
      break;
    }
    parts.push(rect({ x: left, y: y + h - 11, w: 12, h: 4 }, color));
    parts.push(text(left + 17, y + h - 5, name, { size: 11 }));
    left += width;
  }
  return parts.join('');
}

function nameAll(panel: PlacedPanel, answers: Answers): Named[] {
  return [...answers]
    .flatMap(([target, list]) =>
      list
        .map((series) => ({ name: nameOf(target, series), points: series.points }))
        // As Prometheus gives them: in no order that lasts.
        .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    )
    .map((one, index) => {
      const { color } = fieldOf(panel, one.name);
      return { ...one, color: color.mode === 'fixed' ? hex(color.fixedColor) : paletteColor(index) };
    });
}
