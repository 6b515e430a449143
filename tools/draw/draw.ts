import type { Dashboard, PlacedPanel } from '../dashboards/model.ts';
import { askPanel, type Choice } from './ask.ts';
import { drawBars, drawStat, drawTable } from './draw-numbers.ts';
import { drawLines, drawTimeline } from './draw-times.ts';
import { type Box, faint, n, rect, rule, text } from './svg.ts';

const cell = { w: 60, h: 32 };
const gap = 8;
const margin = 12;
const titleHeight = 48;

/**
 * A dashboard as an SVG image: every panel at its place, from the answers to its own queries. It is no Grafana: it shows what people will see, and
 * is drawn the same way from the same answers.
 */
export async function drawDashboard(dashboard: Dashboard, choice: Choice, subtitle: string): Promise<string> {
  const { panels, title } = dashboard;
  const width = 24 * cell.w + 2 * margin;
  const height =
    Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * cell.h + titleHeight + 2 * margin;
  const drawn: string[] = [];
  for (const panel of panels) drawn.push(await drawPanel(panel, choice));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Inter, 'DejaVu Sans', Helvetica, Arial, sans-serif" role="img">
<title>${title}</title>
${rect({ x: 0, y: 0, w: width, h: height }, '#f4f5f7')}
${text(margin + 4, margin + 24, title, { size: 20, bold: true })}
${text(width - margin - 4, margin + 24, subtitle, { size: 12, color: faint, anchor: 'end' })}
${drawn.join('\n')}
</svg>
`;
}

async function drawPanel(panel: PlacedPanel, choice: Choice): Promise<string> {
  const { x, y, w, h } = panel.gridPos;
  const outer: Box = {
    x: margin + x * cell.w + gap / 2,
    y: margin + titleHeight + y * cell.h + gap / 2,
    w: w * cell.w - gap,
    h: h * cell.h - gap,
  };
  if (panel.type === 'row') return text(outer.x + 4, outer.y + 17, panel.title, { size: 14, bold: true });
  const inner: Box = { x: outer.x + 8, y: outer.y + 30, w: outer.w - 16, h: outer.h - 36 };
  const clip = `panel-${panel.id}`;
  return [
    `<clipPath id="${clip}"><rect x="${n(outer.x)}" y="${n(outer.y)}" width="${n(outer.w)}" height="${n(outer.h)}" rx="3"/></clipPath>`,
    rect(outer, '#ffffff', ` rx="3" stroke="${rule}"`),
    `<g clip-path="url(#${clip})">`,
    text(outer.x + 8, outer.y + 19, panel.title, { size: 12.5, bold: true, within: outer.w - 12 }),
    await drawContent(panel, inner, choice),
    '</g>',
  ].join('');
}

async function drawContent(panel: PlacedPanel, box: Box, choice: Choice): Promise<string> {
  const answers = await askPanel(panel, choice);
  switch (panel.type) {
    case 'stat':
      return drawStat(panel, answers, box, choice.end);
    case 'table':
      return drawTable(panel, answers, box, choice.end);
    case 'bargauge':
      return drawBars(panel, answers, box, choice.end);
    case 'timeseries':
      return drawLines(panel, answers, box, choice);
    case 'state-timeline':
      return drawTimeline(panel, answers, box, choice);
    case 'row':
      return '';
  }
}
