import type { DataLink } from './model.ts';

/**
 * Where the pages in docs/ can be read. Whoever keeps them elsewhere changes it here and runs `npm run generate`, or replaces it in the
 * three files.
 */
export const documentation = 'https://plumbline.dev/docs';

/** Fixed, so that links and bookmarks last. */
export const uids = {
  overview: 'plumbline-overview',
  namespace: 'plumbline-namespace',
  health: 'plumbline-health',
} as const;

/** To the namespace that stands in the cell, with the time and the variables that are chosen now. */
export const toNamespace: DataLink = {
  title: 'Show ${__value.raw}',
  url: `/d/${uids.namespace}?\${datasource:queryparam}&\${cluster:queryparam}&\${profile:queryparam}&var-namespace=\${__value.raw}&\${__url_time_range}`,
};

/** To the page of the control whose id stands in the cell: what it checks, why, and how to fix it. */
export const toControl: DataLink = {
  title: 'What ${__value.raw} demands, and how to fix it',
  url: '${docs}/controls/${__value.raw}.md',
  targetBlank: true,
};

export const toCoverage: DataLink = {
  title: 'Which controls answer it',
  url: '${docs}/coverage.md',
  targetBlank: true,
};

export const toHealth: DataLink = {
  title: 'Evidence and operator',
  url: `/d/${uids.health}?\${datasource:queryparam}&\${cluster:queryparam}&\${__url_time_range}`,
};

/** To what is to be done about it: the page of the alert that tells of the same. @param alert its name */
export const toRunbook = (alert: string): DataLink => ({
  title: 'What to do about it',
  url: `\${docs}/runbooks/${alert.toLowerCase()}.md`,
  targetBlank: true,
});
