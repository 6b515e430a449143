/** RFC 3339 to the second, as the API server writes times: `2026-01-01T00:00:00Z`. */
export const timestamp = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
